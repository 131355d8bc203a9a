// The plan: what every query language compiles to and what the executor runs.
//
//   source ── stage ── stage ── …
//
//   records   whole lines, as stored            Filter, Sort, Limit, Dedup
//   entries   lines with fields (stages.h)      made by Parse, Extend, Rename, Select, Mark, Unwrap, Unnest
//   table     rows of named columns             made by Project and Aggregate
//   series    values over time (vectors.h)      made by RangeAggregate, or by a constant source
//
// Stages on records and entries look at them through any FieldRef; those on a table refer to its columns as
// kField with the column's name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/status.h"
#include "expr/expr.h"
#include "query/plan/stages.h"
#include "query/plan/vectors.h"

namespace taffrail::query::plan {

struct TimeRange {
  int64_t from_ns = INT64_MIN;
  int64_t to_ns = INT64_MAX;  // exclusive, but INT64_MAX includes everything
  friend bool operator==(const TimeRange&, const TimeRange&) = default;
};

inline bool Contains(const TimeRange& range, int64_t time_ns) {
  return time_ns >= range.from_ns && (time_ns < range.to_ns || range.to_ns == INT64_MAX);
}

// Of records: by timestamp, then by arrival.
enum class Order : uint8_t { kNone, kAscending, kDescending };

struct Source {
  TimeRange range;
  Order order = Order::kAscending;
  expr::ExprPtr filter = expr::True();
  std::optional<ConstantVector> constant;  // nothing is read then
};

// Keeps the rows for which the condition holds.
struct Filter {
  expr::ExprPtr condition;
};

struct Column {
  std::string name;
  expr::FieldRef field;
  friend bool operator==(const Column&, const Column&) = default;
};

// A row of the named columns for each row.
struct Project {
  std::vector<Column> columns;
};

// kFirst and kLast are by the order of the rows; the deviation is the population's. kShare is of all the rows
// there are, those of the group.
enum class Function : uint8_t {
  kCount,
  kCountDistinct,
  kSum,
  kAvg,
  kMin,
  kMax,
  kQuantile,
  kStddev,
  kFirst,
  kLast,
  kShare,
};

// One aggregated column. Rows without a value (missing or null) count for nothing; sum, avg and quantile also
// pass over values that are no numbers.
struct Call {
  std::string name;
  Function function = Function::kCount;
  bool has_field = false;  // false: count() and share() of rows
  expr::FieldRef field;
  double quantile = 0;  // kQuantile: 0 … 1, interpolated between the two nearest values
  friend bool operator==(const Call&, const Call&) = default;
};

// One column to group by: a field, or the start of the time interval that the record lies in (as Unix
// nanoseconds).
struct GroupKey {
  std::string name;
  expr::FieldRef field;
  int64_t bucket_ns = 0;  // > 0: a time bucket, aligned to 1970-01-01T00:00:00Z
  friend bool operator==(const GroupKey&, const GroupKey&) = default;
};

// A row for each distinct combination of the keys (missing is one more value), in the order of the keys'
// values; without keys one row, also of no rows at all. Columns: the keys, then the calls.
struct Aggregate {
  std::vector<GroupKey> keys;
  std::vector<Call> calls;
};

struct SortKey {
  expr::FieldRef field;
  bool descending = false;
  friend bool operator==(const SortKey&, const SortKey&) = default;
};

// Stable. Numbers before texts, missing last whatever the direction.
struct Sort {
  std::vector<SortKey> keys;
};

struct Limit {
  uint64_t count = 0;
  uint64_t offset = 0;
  friend bool operator==(const Limit&, const Limit&) = default;
};

using Stage = std::variant<Filter, Project, Aggregate, Sort, Limit, ParseFields, Extend, Rename, Select, Mark,
                           Unwrap, Dedup, Unnest, JqFilter, RangeAggregate, VectorAggregate, ScalarOperation,
                           Join, LabelReplace>;

struct Plan {
  Source source;
  std::vector<Stage> stages;
};

bool Equal(const Plan& a, const Plan& b);

// What flows into a stage, and out of it.
enum class Flowing : uint8_t { kRecords, kEntries, kTable, kSeries };
Flowing After(Flowing before, const Stage& stage);
Flowing ResultOf(const Plan& plan);

// InvalidArgument unless the plan makes sense: columns exist and have distinct names, numbers are in range,
// and it is not larger than anyone writes (kMaxStages, kMaxColumns).
absl::Status Verify(const Plan& plan);

inline constexpr size_t kMaxStages = 64;  // people chain a handful; each costs a pass over its rows
inline constexpr size_t kMaxColumns =
    256;  // of a Project or Aggregate: each costs memory for every row or group

// Of a jq filter: long ones of people have a few hundred bytes, generated ones a few thousand.
inline constexpr size_t kMaxJqBytes = size_t{64} << 10;

// Joins within joins: each is one more query on the stack. Dashboards combine a handful.
inline constexpr int kMaxJoinDepth = 24;

// The columns of the plan's answer; empty when it is records or entries.
std::vector<std::string> ColumnsOf(const Plan& plan);

}  // namespace taffrail::query::plan
