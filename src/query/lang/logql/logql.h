// LogQL log queries, with the semantics that Grafana Loki documents. docs/query.md says what is supported.
//
//   {app="api", env=~"prod|staging"} |= "timeout" | json | status >= 500 and method != "GET"
//
//   query    := "{" [ matcher { "," matcher } ] "}" { stage }          # comments run to the end of the line
//   matcher  := name ("=" | "!=" | "=~" | "!~") string
//   stage    := ("|=" | "!=" | "|~" | "!~") string { "or" string }
//             | "|" ( "json" [ parameter { "," parameter } ] | "drop" names | "keep" names | filter )
//   parameter := name [ "=" string ]
//   filter   := conjunction { "or" conjunction }
//   conjunction := term { [ "and" | "," ] term }
//   term     := "(" filter ")" | name ("=" | "!=" | "=~" | "!~") string | name ("=" | "!=") "ip" "(" string
//   ")"
//             | name ("==" | "=" | "!=" | ">" | ">=" | "<" | "<=") (number | duration | bytes)
//
// Unlike Loki, "{}" is allowed and selects every stream: records that came as JSON lines have labels only
// when stream_fields named some.
#pragma once

#include <string_view>

#include "base/status.h"
#include "query/plan/plan.h"

namespace taffrail::query::lang::logql {

// The plan has no stages; range, order and limit are the caller's to set. InvalidArgument: what is wrong and
// where; of stages that Loki has and Taffrail has not yet, which.
absl::StatusOr<plan::Plan> Parse(std::string_view text);

}  // namespace taffrail::query::lang::logql
