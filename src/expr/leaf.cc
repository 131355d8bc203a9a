#include "expr/leaf.h"

#include <utility>

namespace taffrail::expr {

ExprPtr Leaf(Expr::Op op, FieldRef field, std::string text, bool ignore_case) {
  Expr expr;
  expr.op = op;
  expr.field = std::move(field);
  expr.text = std::move(text);
  expr.ignore_case = ignore_case;
  return Make(std::move(expr));
}

ExprPtr TimeLeaf(Expr::Op op, int64_t time_ns) {
  return Leaf(op, {FieldRef::Source::kTimestamp, ""}, std::to_string(time_ns));
}

}  // namespace taffrail::expr
