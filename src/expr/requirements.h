// What every matching row must have: how a store skips blocks without reading them.
#pragma once

#include <string>
#include <vector>

#include "expr/expr.h"
#include "expr/matcher.h"

namespace taffrail::expr {

std::vector<std::string> RequiredWordsOf(const Expr& expr);            // sorted, unique
std::vector<Matcher::NumberRange> RequiredRangesOf(const Expr& expr);  // by path, at most one each

}  // namespace taffrail::expr
