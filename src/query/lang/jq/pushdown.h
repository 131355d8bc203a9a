// What can be asked of the store ahead of a jq filter.
//
//   select(.level == "ERROR" and (.path | test("^/api/")))
//        or(equal(path("level"), "ERROR"), uncertain(path("level")))     and the same of contains(…, "/api/")
//
// One rule holds everywhere: the condition is true of every line for which the filter has an output. What is
// not understood gives `true`, so the parser need know only a part of jq, and may refuse at any point. Three
// things make the rule harder to keep than it looks, and each has its place in the code:
//
//   - jq orders all values (null < false < true < numbers < strings < arrays < objects): `.n > 5` holds for
//     texts, and `.n < 5` for lines without .n. So comparisons exclude what fails rather than ask for what
//     holds.
//   - jq's numbers are doubles, the store's are exact: bounds give way by more than the rounding.
//   - a line may repeat a key, and jq takes the last value where the store has the first: `uncertain`
//   (expr.h).
//
// tests/query/jq_pushdown_test.cc holds it against libjq over random lines and filters.
#pragma once

#include <string>
#include <string_view>

#include "expr/expr.h"

namespace taffrail::query::lang::jq {

expr::ExprPtr ConditionAheadOf(std::string_view filter);

// A text that every match of the regular expression (Oniguruma's, as jq uses it) contains; empty: none is
// known.
std::string RequiredText(std::string_view pattern);

}  // namespace taffrail::query::lang::jq
