// Lucene's query strings, as query_string, `q=` and Kibana's search bar take them.
//
//   status:(500 OR 502) AND -path:\/health +"time out" took:>=1000 at:[2025-10 TO now} name:/ab.*/ user:j?n*
//
//   clause := [ "+" | "-" | "!" | "NOT" ] [ field ":" ] value        clauses joined by AND, OR, && and ||
//   value  := word | '"' phrase '"' | "/" regex "/" | ("[" | "{") text "TO" text ("]" | "}")
//           | (">" | ">=" | "<" | "<=") text | "(" clauses ")"       "^boost" after any of them is taken
//
// As in Lucene, AND makes the clauses on both of its sides required and OR is the default; a + or - of a
// single clause wins. simple_query_string: + is and, | is or, - not, prefix*, and whatever is malformed is
// text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "expr/expr.h"

namespace taffrail::query::lang::elastic {

struct QueryStringOptions {
  int64_t now_ns = 0;
  bool is_simple = false;
  bool and_by_default = false;
  bool lenient = false;             // a value that does not fit its field matches nothing
  std::vector<std::string> fields;  // of values without a field; empty: every value
  std::string zone;
  std::string minimum;  // minimum_should_match
};

// InvalidArgument: what is wrong, and its column.
absl::StatusOr<expr::ExprPtr> ParseQueryString(std::string_view text, const QueryStringOptions& options);

}  // namespace taffrail::query::lang::elastic
