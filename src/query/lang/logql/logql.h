// LogQL, the query language of Grafana Loki: log queries. docs/query-logql.md is its page for users.
//
//   {app="api", env=~"prod|test"} |= "timeout" | json | duration_ms >= 1000 and level!="debug"
//
//   query    := "(" query ")" | "{" [ matcher { "," matcher } [ "," ] ] "}" { stage }
//   matcher  := name ("=" | "!=" | "=~" | "!~") text
//   stage    := ("|=" | "!=" | "|~" | "!~") text { "or" text } | "|" "json" | "|" filters
//   filters  := and { "or" and }                                     label_filter.h
//
// Names before `| json` are stream labels and structured metadata; after it the fields of the line are labels
// too. The stages of Loki that are not here yet are refused by name, as are metric queries.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/status.h"
#include "query/plan/plan.h"

namespace taffrail::query::lang::logql {

// What Loki takes. Queries longer than a screen are written by programs, which need no more either.
inline constexpr size_t kMaxQueryBytes = size_t{128} << 10;

// Selectors, line filters and label filters of one query: each is evaluated for every line, and a regular
// expression among them may take megabytes. Dashboards chain a dozen.
inline constexpr int kMaxConditions = 128;

// The plan has no stages; range, order and limit are the caller's to set. Every language takes the time of
// the question; log queries do not need it. InvalidArgument: what is wrong, where, and what to write instead.
absl::StatusOr<plan::Plan> Parse(std::string_view text, int64_t now_ns = 0);

}  // namespace taffrail::query::lang::logql
