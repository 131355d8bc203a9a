// Events of databases: queries, slow ones, failed ones, and a pool that has run dry.
//
//   taffrail::events::query_executed({.statement = sql, .system = "postgresql", .duration = took, .rows =
//   3});
//
// A statement is logged as its shape, with ? for every value, and never what was bound to it; queries of one
// shape have one fingerprint. Each counts in the request's stats (request_stats.h). For SQLite, libpq and
// hiredis the headers in taffrail/instrument/ make these calls.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "taffrail/source_location.h"
#include "taffrail/value.h"

namespace taffrail::events {

// Empty texts and absent numbers are left out of the line.
struct QueryEvent {
  std::string_view statement;        // as sent; its literals, comments and parameters are taken out
  std::string_view system = {};      // "sqlite", "postgresql", "redis", …
  std::string_view database = {};    // its name
  std::string_view query_type = {};  // these two are read from the statement when empty
  std::string_view table = {};
  std::chrono::nanoseconds duration{};
  std::optional<int64_t> rows = {};  // read or changed
};

// Logger "performance.database", DEBUG "Executed database query"; from slow_query_threshold() on WARNING
// "Slow database query". Not written without features().metrics, but counted.
void query_executed(const QueryEvent& query, std::initializer_list<Field> more = {},
                    SourceLocation where = SourceLocation::current()) noexcept;

struct QueryFailedEvent {
  QueryEvent query;
  std::string_view error_code = {};     // SQLSTATE, SQLite's number
  std::string_view error_message = {};  // the database's words
  // The message may quote values: what it has in quotes is replaced by ?.
  bool quotes_values = true;
};
// Logger "database", ERROR "Database query failed".
void query_failed(const QueryFailedEvent& failure, std::initializer_list<Field> more = {},
                  SourceLocation where = SourceLocation::current()) noexcept;

struct PoolExhaustedEvent {
  std::string_view pool;  // its name
  std::string_view system = {};
  std::optional<int64_t> connections_max = {};
  std::optional<int64_t> waiting = {};  // who else waits for a connection
  std::chrono::nanoseconds waited{};
};
// Logger "database.pool", ERROR "Connection pool exhausted", with "event":"ConnectionPoolExhausted".
void pool_exhausted(const PoolExhaustedEvent& event, std::initializer_list<Field> more = {},
                    SourceLocation where = SourceLocation::current()) noexcept;

// 100 ms until set: ten such queries make a request slow. Thread-safe.
void set_slow_query_threshold(std::chrono::nanoseconds threshold) noexcept;
std::chrono::nanoseconds slow_query_threshold() noexcept;

}  // namespace taffrail::events
