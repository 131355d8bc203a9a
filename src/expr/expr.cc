#include "expr/expr.h"

#include <utility>

namespace taffrail::expr {
namespace {

// The children of an n-ary node, with nested nodes of the same operator opened up.
std::vector<ExprPtr> Flatten(Expr::Op op, std::vector<ExprPtr> children) {
  std::vector<ExprPtr> flat;
  flat.reserve(children.size());
  for (ExprPtr& child : children) {
    if (child->op == op) {
      flat.insert(flat.end(), child->children.begin(), child->children.end());
    } else {
      flat.push_back(std::move(child));
    }
  }
  return flat;
}

ExprPtr MakeNary(Expr::Op op, std::vector<ExprPtr> children) {
  Expr expr;
  expr.op = op;
  expr.children = std::move(children);
  return Make(std::move(expr));
}

}  // namespace

bool Equal(const Expr& a, const Expr& b) {
  if (a.op != b.op || !(a.field == b.field) || a.text != b.text || a.texts != b.texts ||
      a.is_number != b.is_number || a.ignore_case != b.ignore_case || a.anchored != b.anchored ||
      a.missing_is_empty != b.missing_is_empty || a.non_null != b.non_null || a.no_text != b.no_text ||
      a.children.size() != b.children.size()) {
    return false;
  }
  if (a.is_number && (a.number != b.number || a.unit != b.unit)) return false;
  for (size_t i = 0; i < a.children.size(); ++i) {
    if (!Equal(*a.children[i], *b.children[i])) return false;
  }
  return true;
}

ExprPtr Make(Expr expr) { return std::make_shared<const Expr>(std::move(expr)); }

ExprPtr True() { return Make({}); }

ExprPtr False() {
  Expr expr;
  expr.op = Expr::Op::kFalse;
  return Make(std::move(expr));
}

ExprPtr And(std::vector<ExprPtr> children) {
  std::vector<ExprPtr> kept;
  for (ExprPtr& child : Flatten(Expr::Op::kAnd, std::move(children))) {
    if (child->op == Expr::Op::kFalse) return child;
    if (child->op != Expr::Op::kTrue) kept.push_back(std::move(child));
  }
  if (kept.empty()) return True();
  if (kept.size() == 1) return kept[0];
  return MakeNary(Expr::Op::kAnd, std::move(kept));
}

ExprPtr Or(std::vector<ExprPtr> children) {
  std::vector<ExprPtr> kept;
  for (ExprPtr& child : Flatten(Expr::Op::kOr, std::move(children))) {
    if (child->op == Expr::Op::kTrue) return child;
    if (child->op != Expr::Op::kFalse) kept.push_back(std::move(child));
  }
  if (kept.empty()) return False();
  if (kept.size() == 1) return kept[0];
  return MakeNary(Expr::Op::kOr, std::move(kept));
}

ExprPtr Not(ExprPtr child) {
  if (child->op == Expr::Op::kNot) return child->children[0];
  if (child->op == Expr::Op::kTrue) return False();
  if (child->op == Expr::Op::kFalse) return True();
  return MakeNary(Expr::Op::kNot, {std::move(child)});
}

}  // namespace taffrail::expr
