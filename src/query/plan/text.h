// The printed form of a plan, one stage a line; Parse reads it back to the same plan.
//
//   source from "2025-10-30T14:00:00.000000000Z" order descending filter equal(level, "ERROR")
//   filter greater(field("metadata.duration_ms"), 1000)
//   aggregate "count" = count(), "p95" = quantile(0.95, field("took")) by "path" = field("path"), "t" =
//   bucket("1m") sort field("count") descending, field("path") limit 100 offset 20
//
//   plan     := source { stage }
//   source   := "source" [ "from" time ] [ "to" time ] [ "order" ("none" | "ascending" | "descending") ]
//               [ "filter" expr ]                      defaults: everything, ascending, true
//             | "source" "constant" number grid
//   stage    := "filter" expr | "project" column { "," column } | "aggregate" [ calls ] [ "by" keys ]
//             | "sort" key { "," key } | "limit" integer [ "offset" integer ]
//             | "parse" format [ "strict" ] [ "keep_empty" ] [ "typed" ] [ "from" field ] [ "pattern" string
//             ]
//               [ string "=" string { "," … } ]        name = path
//             | "extend" ( string | "line" ) "=" scalar { "," … }          scalar.h
//             | "rename" string "=" string { "," … }   old = new
//             | ( "drop" | "keep" ) string [ "if" [ "not" ] ( "equal" | "regex" ) string ] { "," … }
//             | "mark" string "where" expr | "unwrap" string "as" ( "number" | "duration" | "bytes" )
//             | "dedup" [ "keep_missing" ] field { "," field } | "unnest" string "=" field | "jq" string
//             | "range" function [ number ] "over" duration [ "offset" duration ] grid [ grouping ]
//               [ "labels" string "=" string { "," … } ]
//             | "vector" function [ integer ] grouping | "scalar" operator number [ "left" ] [ "bool" ]
//             | "join" operator [ "bool" ] [ ( "on" | "ignoring" ) names ] [ ( "group_left" | "group_right" )
//               names ] "(" plan ")"
//             | "label_replace" string "=" string "from" string "regex" string
//   column   := string "=" field
//   call     := string "=" ( ( "count" | "share" ) "(" [ field ] ")" | "quantile" "(" number "," field ")"
//             | function "(" field ")" )
//   group key := string "=" ( field | "bucket" "(" duration ")" )
//   sort key := field [ "descending" ]
//   grid     := "from" time "to" time "step" duration
//   grouping := ( "by" | "without" ) names             names := "(" [ string { "," string } ] ")"
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
