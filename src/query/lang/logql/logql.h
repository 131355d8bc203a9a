// LogQL, the query language of Grafana Loki. docs/query-logql.md is its page for users.
//
//   {app="api", env=~"prod|test"} |= "timeout" | json | duration_ms >= 1000 and level!="debug"
//   sum by (level) (rate({app="api"} | logfmt [5m])) > 0.5
//
//   query := pipeline | "(" query ")"      pipeline.h: lines
//          | metric                        metric.h: series
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "query/plan/plan.h"

namespace taffrail::query::lang::logql {

// What Loki takes. Queries longer than a screen are written by programs, which need no more either.
inline constexpr size_t kMaxQueryBytes = size_t{128} << 10;

// Selectors, line filters and label filters of one query: each is evaluated for every line, and a regular
// expression among them may take megabytes. Dashboards chain a dozen.
inline constexpr int kMaxConditions = 128;

struct QueryOptions {
  int64_t now_ns = 0;    // what templates call now
  plan::Grid grid;       // the points at which a metric query is asked
  bool entries = false;  // a log query gives entries, with all their labels, whatever its stages
};

struct Query {
  bool is_metric = false;
  plan::Plan plan;               // of a log query: range, order and limit are the caller's to set
  std::optional<double> scalar;  // the query is a number; the plan is a vector of it
};

// InvalidArgument: what is wrong, where, and what to write instead.
absl::StatusOr<Query> ParseQuery(std::string_view text, const QueryOptions& options);

// The plan alone; of a metric query asked at now_ns.
absl::StatusOr<plan::Plan> Parse(std::string_view text, int64_t now_ns = 0);

// The query with one space where one belongs. InvalidArgument as ParseQuery.
absl::StatusOr<std::string> Format(std::string_view text);

}  // namespace taffrail::query::lang::logql
