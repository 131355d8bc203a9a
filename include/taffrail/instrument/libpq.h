// libpq's queries as events (taffrail/events/database.h): functions that stand for those of libpq, with the
// same arguments and results.
//
//   PGresult* result = taffrail::instrument::pq_exec_params(connection, "SELECT $1::int", 1, nullptr, values,
//                                                           nullptr, nullptr, 0);
//
// Statements carry the ids of the request in a comment, are timed, counted for their request and logged; the
// parameters are never looked at. Link taffrail_events and taffrail_propagate.
#pragma once

#include <libpq-fe.h>

#include <charconv>
#include <chrono>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "taffrail/events/database.h"
#include "taffrail/propagate/sql.h"

namespace taffrail::instrument {
namespace detail {

inline std::string_view pq_text(const char* text) { return text == nullptr ? std::string_view() : text; }

// Rows read, or changed.
inline std::optional<int64_t> pq_rows(PGresult* result) {
  if (PQresultStatus(result) == PGRES_TUPLES_OK) return PQntuples(result);
  const std::string_view changed = pq_text(PQcmdTuples(result));
  int64_t rows = 0;
  const auto [end, error] = std::from_chars(changed.data(), changed.data() + changed.size(), rows);
  return error == std::errc() ? std::optional(rows) : std::nullopt;
}

inline bool pq_failed(const PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);  // PGRES_FATAL_ERROR for null
  return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE;
}

// Data exceptions (22…) and syntax errors (42601) quote what was sent; the others quote names, which help.
inline bool pq_quotes_values(std::string_view sqlstate) {
  return sqlstate.empty() || sqlstate.substr(0, 2) == "22" || sqlstate == "42601";
}

inline void pq_report(PGconn* connection, std::string_view sql, std::string_view query_type,
                      std::chrono::nanoseconds took, PGresult* result) {
  events::QueryEvent query{.statement = sql,
                           .system = "postgresql",
                           .database = pq_text(PQdb(connection)),
                           .query_type = query_type,
                           .duration = took};
  if (!pq_failed(result)) {
    query.rows = pq_rows(result);
    return events::query_executed(query);
  }
  const std::string_view sqlstate = pq_text(PQresultErrorField(result, PG_DIAG_SQLSTATE));
  std::string_view message = pq_text(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
  if (message.empty()) message = pq_text(PQerrorMessage(connection));  // the connection broke
  events::query_failed({.query = query,
                        .error_code = sqlstate,
                        .error_message = message,
                        .quotes_values = pq_quotes_values(sqlstate)});
}

template <typename Run>
PGresult* pq_run(PGconn* connection, std::string_view sql, std::string_view query_type, const Run& run) {
  const auto begun = std::chrono::steady_clock::now();
  PGresult* result = run();
  pq_report(connection, sql, query_type, std::chrono::steady_clock::now() - begun, result);
  return result;
}

}  // namespace detail

// PQexec.
inline PGresult* pq_exec(PGconn* connection, const char* sql) {
  const std::string whole = with_sql_comment(sql);
  return detail::pq_run(connection, sql, {}, [&] { return PQexec(connection, whole.c_str()); });
}

// PQexecParams.
inline PGresult* pq_exec_params(PGconn* connection, const char* sql, int count, const Oid* types,
                                const char* const* values, const int* lengths, const int* formats,
                                int result_format) {
  const std::string whole = with_sql_comment(sql);
  return detail::pq_run(connection, sql, {}, [&] {
    return PQexecParams(connection, whole.c_str(), count, types, values, lengths, formats, result_format);
  });
}

// PQprepare, without a comment: the statement outlives the request.
inline PGresult* pq_prepare(PGconn* connection, const char* name, const char* sql, int count,
                            const Oid* types) {
  return detail::pq_run(connection, sql, "PREPARE",
                        [&] { return PQprepare(connection, name, sql, count, types); });
}

// PQexecPrepared. libpq does not know what was prepared; `sql` is what pq_prepare was given, and stands on
// the line.
inline PGresult* pq_exec_prepared(PGconn* connection, const char* name, std::string_view sql, int count,
                                  const char* const* values, const int* lengths, const int* formats,
                                  int result_format) {
  return detail::pq_run(connection, sql, {}, [&] {
    return PQexecPrepared(connection, name, count, values, lengths, formats, result_format);
  });
}

}  // namespace taffrail::instrument
