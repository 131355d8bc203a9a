#include "taffrail/events/database.h"

#include <atomic>

#include "events/mask_text.h"
#include "events/sql_text.h"
#include "events/write_event.h"
#include "taffrail/events/request_stats.h"
#include "taffrail/features.h"

namespace taffrail::events {
namespace {

std::atomic<int64_t> slow_query_ns{std::chrono::nanoseconds(std::chrono::milliseconds(100)).count()};

constexpr EventKind kQueryExecuted{"query_executed", "Executed database query"};
constexpr EventKind kSlowQuery{"slow_query", "Slow database query"};
constexpr EventKind kQueryFailed{"query_failed", "Database query failed"};
// The name by which dashboards and alarms know it.
constexpr EventKind kPoolExhausted{"ConnectionPoolExhausted", "Connection pool exhausted"};

void AddQuery(Fields& fields, const QueryEvent& query) {
  const SqlShape shape = ShapeOf(query.statement);
  fields.Add("query_type", query.query_type.empty() ? shape.operation : query.query_type);
  if (!query.table.empty()) {
    fields.Add("table", query.table);
  } else if (!shape.tables.empty()) {
    fields.Add("table", shape.tables.front());
    if (shape.tables.size() > 1) fields.Add("tables", shape.tables);
  }
  fields.Add("duration_ms", query.duration);
  fields.Number("rows", query.rows);
  fields.Text("db_system", query.system);
  fields.Text("database", query.database);
  fields.Add("query", shape.text);
  fields.Add("query_fingerprint", shape.fingerprint);
}

}  // namespace

void set_slow_query_threshold(std::chrono::nanoseconds threshold) noexcept {
  slow_query_ns.store(threshold.count(), std::memory_order_relaxed);
}

std::chrono::nanoseconds slow_query_threshold() noexcept {
  return std::chrono::nanoseconds(slow_query_ns.load(std::memory_order_relaxed));
}

void query_executed(const QueryEvent& query, std::initializer_list<Field> more,
                    SourceLocation where) noexcept {
  static const Logger logger("performance.database");
  count_database_query(query.duration);
  if (!features().metrics) return;
  const std::chrono::nanoseconds threshold = slow_query_threshold();
  const bool is_slow = query.duration >= threshold;
  WriteEvent(logger, is_slow ? Level::kWarning : Level::kDebug, is_slow ? kSlowQuery : kQueryExecuted, more,
             where, [&](Fields& fields) {
               AddQuery(fields, query);
               if (is_slow) fields.Add("threshold_ms", threshold);
             });
}

void query_failed(const QueryFailedEvent& failure, std::initializer_list<Field> more,
                  SourceLocation where) noexcept {
  static const Logger logger("database");
  count_database_query(failure.query.duration);
  WriteEvent(logger, Level::kError, kQueryFailed, more, where, [&](Fields& fields) {
    AddQuery(fields, failure.query);
    fields.Text("error_code", failure.error_code);
    if (failure.quotes_values) {
      fields.Text("error_message", MaskQuoted(failure.error_message));
    } else {
      fields.Text("error_message", failure.error_message);
    }
  });
}

void pool_exhausted(const PoolExhaustedEvent& event, std::initializer_list<Field> more,
                    SourceLocation where) noexcept {
  static const Logger logger("database.pool");
  WriteEvent(logger, Level::kError, kPoolExhausted, more, where, [&](Fields& fields) {
    fields.Add("pool", event.pool);
    fields.Text("db_system", event.system);
    fields.Number("connections_max", event.connections_max);
    fields.Number("waiting", event.waiting);
    fields.Add("waited_ms", event.waited);
  });
}

}  // namespace taffrail::events
