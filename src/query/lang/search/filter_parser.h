// Reads conditions: everything of the search box but its stages.
#pragma once

#include "base/status.h"
#include "expr/expr.h"
#include "query/lang/search/cursor.h"
#include "query/lang/search/term.h"

namespace taffrail::query::lang::search {

// Takes a query up to its end, or the '|' of a stage. An empty one is True.
absl::StatusOr<expr::ExprPtr> ParseFilter(Cursor& cursor, const TermBuilder& terms);

}  // namespace taffrail::query::lang::search
