// Conditions on one field: what every query language builds most.
#pragma once

#include <cstdint>
#include <string>

#include "expr/expr.h"

namespace taffrail::expr {

// `field op text`.
ExprPtr Leaf(Expr::Op op, FieldRef field, std::string text, bool ignore_case = false);

// `timestamp op time`.
ExprPtr TimeLeaf(Expr::Op op, int64_t time_ns);

}  // namespace taffrail::expr
