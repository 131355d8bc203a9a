// The printed form of a plan, one stage a line; Parse reads it back to the same plan.
//
//   source from "2025-10-30T14:00:00.000000000Z" order descending filter equal(level, "ERROR")
//   filter greater(field("metadata.duration_ms"), 1000)
//   aggregate "count" = count(), "p95" = quantile(0.95, field("took")) by "path" = field("path"), "t" =
//   bucket("1m") sort field("count") descending, field("path") limit 100 offset 20
//
//   plan      := source { stage }
//   source    := "source" [ "from" time ] [ "to" time ] [ "order" ("none" | "ascending" | "descending") ]
//                [ "filter" expr ]                      defaults: everything, ascending, true
//   stage     := "filter" expr | "project" column { "," column } | "aggregate" [ calls ] [ "by" keys ]
//              | "sort" key { "," key } | "limit" integer [ "offset" integer ]
//   column    := string "=" field
//   call      := string "=" ( "count" "(" [ field ] ")" | "quantile" "(" number "," field ")" | function "("
//   field ")" ) group key := string "=" ( field | "bucket" "(" duration ")" ) sort key  := field [
//   "descending" ]
//
// White space and line ends are the same: a filter right after the source is the source's. Times are RFC 3339
// in quotes; expr and field are those of expr/text.h. An aggregate without calls is written "aggregate by …".
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "query/plan/plan.h"

namespace taffrail::query::plan {

std::string ToString(const Plan& plan);
// The line of one stage.
std::string ToString(const Stage& stage);

// InvalidArgument with the position; also when Verify refuses the plan.
absl::StatusOr<Plan> Parse(std::string_view text);

}  // namespace taffrail::query::plan
