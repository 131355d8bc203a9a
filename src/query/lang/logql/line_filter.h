// LogQL's line filters as conditions on the stored line.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "expr/expr.h"

namespace taffrail::query::lang::logql {

// |= "text"; the empty text is in every line.
expr::ExprPtr LineContains(std::string text);

// |~ "pattern": matches any part of the line, and '.' any character, line ends included. A choice of plain
// texts, with (?i) before it or not, is searched for as those: the columns answer that without putting lines
// together. InvalidArgument: it does not compile.
absl::StatusOr<expr::ExprPtr> LineMatches(std::string pattern);

}  // namespace taffrail::query::lang::logql
