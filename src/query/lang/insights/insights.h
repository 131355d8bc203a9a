// CloudWatch Logs Insights' query language → plan. docs/insights.md is its page for users.
//
//   fields @timestamp, metadata.path
//   | filter level = "ERROR" and metadata.path like /api/
//   | stats count() as errors by metadata.path, bin(5m)
//   | sort errors desc
//
//   query   := command { "|" command }                 "#" begins a comment to the end of the line
//   command := ("fields" | "display") item { "," item } | ("filter" | "where" | "filterIndex") expr
//            | "stats" item { "," item } [ "by" item { "," item } ]
//            | "sort" expr [ "asc" | "desc" ] { "," … } | "limit" [ "any" ] integer | "dedup" field { ","
//            field } | "parse" [ expr ] ( glob "as" name { "," name } | regex ) | "pattern" expr | "unnest"
//            expr "into" name
//   item    := expr [ "as" name ]
//
// Expressions are in expression.h, what the names and functions mean in compiler.h and functions.h.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/status.h"
#include "query/plan/plan.h"

namespace taffrail::query::lang::insights {

// A query that only filters gives records; every other one a table, newest rows first, and of at most
// kDefaultLimit rows unless it counts or says `limit`. now() is now_ns. InvalidArgument: what is wrong,
// where, and what to write instead.
absl::StatusOr<plan::Plan> Parse(std::string_view text, int64_t now_ns);

inline constexpr uint64_t kDefaultLimit = 10'000;  // as CloudWatch's own

}  // namespace taffrail::query::lang::insights
