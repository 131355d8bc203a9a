// SQLite's queries as events (taffrail/events/database.h). One line a connection, and nothing else changes:
//
//   const taffrail::instrument::SqliteTracing tracing(db, "tasks");
//
// Every statement that runs to its end or is reset is then timed from its first step, counted for its request
// and logged. SQLite does not tell its tracers of failures: sqlite_step and sqlite_exec do.
//
//   sqlite3_stmt* statement = nullptr;
//   int code = taffrail::instrument::sqlite_prepare(db, sql, &statement);    // with the request's id in it
//   code = taffrail::instrument::sqlite_step(statement);
//
// Link taffrail_events and taffrail_propagate. What is bound to a statement is never looked at.
#pragma once

#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "taffrail/events/database.h"
#include "taffrail/propagate/sql.h"

namespace taffrail::instrument {

namespace detail {

// A statement's end as the tracer saw it, kept back until the function that ran it knows how it ended.
struct SqliteEnd {
  bool is_set = false;
  std::string_view database;
  std::chrono::nanoseconds duration{};
  std::optional<int64_t> rows;
  std::string statement;
};
inline thread_local SqliteEnd* sqlite_end = nullptr;

inline void sqlite_succeeded(const SqliteEnd& end) {
  if (!end.is_set) return;
  events::query_executed({.statement = end.statement,
                          .system = "sqlite",
                          .database = end.database,
                          .duration = end.duration,
                          .rows = end.rows});
}

inline void sqlite_failed(sqlite3* db, std::string_view sql, const SqliteEnd& end = {}) {
  const std::string code = std::to_string(sqlite3_extended_errcode(db));
  events::query_failed(
      {.query = {.statement = sql, .system = "sqlite", .database = end.database, .duration = end.duration},
       .error_code = code,
       .error_message = sqlite3_errmsg(db)});
}

// Runs SQLite; what the tracer sees meanwhile is in the end that it gives.
template <typename Run>
int sqlite_watch(SqliteEnd& end, const Run& run) {
  SqliteEnd* const before = std::exchange(sqlite_end, &end);
  const int code = run();
  sqlite_end = before;
  return code;
}

}  // namespace detail

// Must not outlive the connection, and is used by one thread at a time, as that is. Takes the place of the
// connection's sqlite3_trace_v2 callback.
class SqliteTracing {
 public:
  // `database` is its name on the lines; copied.
  explicit SqliteTracing(sqlite3* db, std::string_view database = {}) : db_(db), database_(database) {
    sqlite3_trace_v2(db_, SQLITE_TRACE_STMT | SQLITE_TRACE_PROFILE, &SqliteTracing::on_trace, this);
  }
  ~SqliteTracing() { sqlite3_trace_v2(db_, 0, nullptr, nullptr); }
  SqliteTracing(const SqliteTracing&) = delete;
  SqliteTracing& operator=(const SqliteTracing&) = delete;

 private:
  using Clock = std::chrono::steady_clock;
  struct Run {
    Clock::time_point begun;
    int64_t changes;  // of the connection, until then
  };
  // Statements under way at once; beyond them a run is timed by SQLite's own clock, in milliseconds.
  static constexpr size_t kRunsMax = 1'000;

  static int on_trace(unsigned what, void* self, void* statement, void* detail) noexcept {
    try {
      auto& tracing = *static_cast<SqliteTracing*>(self);
      if (what == SQLITE_TRACE_STMT) {
        tracing.begin(static_cast<sqlite3_stmt*>(statement), static_cast<const char*>(detail));
      } else {
        tracing.end(static_cast<sqlite3_stmt*>(statement), *static_cast<const sqlite3_int64*>(detail));
      }
    } catch (...) {  // no memory: the query is not logged
    }
    return 0;
  }

  void begin(sqlite3_stmt* statement, const char* sql) {
    if (sql != nullptr && sql[0] == '-' && sql[1] == '-') return;  // a trigger that starts inside of it
    if (runs_.size() < kRunsMax) runs_[statement] = {Clock::now(), sqlite3_total_changes64(db_)};
  }

  void end(sqlite3_stmt* statement, int64_t sqlite_ns) {
    detail::SqliteEnd own;
    detail::SqliteEnd& end = detail::sqlite_end != nullptr ? *detail::sqlite_end : own;
    detail::sqlite_succeeded(end);  // an earlier statement of the same sqlite_exec
    end = {.is_set = true,
           .database = database_,
           .duration = std::chrono::nanoseconds(sqlite_ns),
           .statement = std::string(text(statement))};
    const auto run = runs_.find(statement);
    if (run != runs_.end()) {
      end.duration = Clock::now() - run->second.begun;
      if (sqlite3_stmt_readonly(statement) == 0) {
        end.rows = sqlite3_total_changes64(db_) - run->second.changes;
      }
      runs_.erase(run);
    }
    if (&end == &own) detail::sqlite_succeeded(own);
  }

  static std::string_view text(sqlite3_stmt* statement) {
    const char* sql = sqlite3_sql(statement);
    return sql == nullptr ? std::string_view() : sql;
  }

  sqlite3* db_;
  std::string database_;
  std::unordered_map<sqlite3_stmt*, Run> runs_;
};

// sqlite3_prepare_v2, with the ids of the request in a comment. For statements that are prepared for one
// request: one that is kept would name the first request for ever; prepare it with SQLite's own function.
inline int sqlite_prepare(sqlite3* db, std::string_view sql, sqlite3_stmt** statement) {
  const std::string whole = with_sql_comment(sql);
  const int code =
      sqlite3_prepare_v2(db, whole.c_str(), static_cast<int>(whole.size() + 1), statement, nullptr);
  if (code != SQLITE_OK) detail::sqlite_failed(db, sql);
  return code;
}

// sqlite3_step, with an event when it fails.
inline int sqlite_step(sqlite3_stmt* statement) {
  detail::SqliteEnd end;
  const int code = detail::sqlite_watch(end, [&] { return sqlite3_step(statement); });
  if (code == SQLITE_ROW || code == SQLITE_DONE) {
    detail::sqlite_succeeded(end);
  } else {
    const char* sql = sqlite3_sql(statement);
    detail::sqlite_failed(sqlite3_db_handle(statement), sql == nullptr ? std::string_view() : sql, end);
  }
  return code;
}

// sqlite3_exec without rows, with the comment and an event when it fails.
inline int sqlite_exec(sqlite3* db, std::string_view sql) {
  const std::string whole = with_sql_comment(sql);
  detail::SqliteEnd end;
  const int code =
      detail::sqlite_watch(end, [&] { return sqlite3_exec(db, whole.c_str(), nullptr, nullptr, nullptr); });
  if (code == SQLITE_OK) {
    detail::sqlite_succeeded(end);
  } else {
    detail::sqlite_failed(db, sql, end);
  }
  return code;
}

}  // namespace taffrail::instrument
