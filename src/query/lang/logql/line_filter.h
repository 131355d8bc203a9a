// LogQL's line filters as conditions on the stored line.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "expr/expr.h"

namespace taffrail::query::lang::logql {

expr::ExprPtr LineContains(std::string text);

// A regular expression that is only a choice of plain texts, with (?i) before it or not, is searched for as
// those: the columns answer that without putting lines together.
absl::StatusOr<expr::ExprPtr> LineMatches(std::string pattern);

}  // namespace taffrail::query::lang::logql
