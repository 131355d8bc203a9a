#include "query/lang/logql/condition.h"

#include <limits>
#include <utility>

namespace taffrail::query::lang::logql {
namespace {

using expr::Expr;
using expr::ExprPtr;

ExprPtr Order(Expr::Op op, const expr::FieldRef& label, double number, Expr::Unit unit) {
  Expr order;
  order.op = op;
  order.field = label;
  order.is_number = true;
  order.number = number;
  order.unit = unit;
  return expr::Make(std::move(order));
}

ExprPtr Exists(const expr::FieldRef& label) {
  Expr exists;
  exists.op = Expr::Op::kExists;
  exists.field = label;
  return expr::Make(std::move(exists));
}

// The numbers that do not pass. Asking for these keeps what is no number, as Loki does.
ExprPtr Opposite(std::string_view comparison, const expr::FieldRef& label, const Token& number) {
  const auto order = [&](Expr::Op op) { return Order(op, label, number.number, number.unit); };
  if (comparison == ">") return order(Expr::Op::kLessEqual);
  if (comparison == ">=") return order(Expr::Op::kLess);
  if (comparison == "<") return order(Expr::Op::kGreaterEqual);
  if (comparison == "<=") return order(Expr::Op::kGreater);
  if (comparison == "!=") return expr::And({order(Expr::Op::kLessEqual), order(Expr::Op::kGreaterEqual)});
  return expr::Or({order(Expr::Op::kLess), order(Expr::Op::kGreater)});
}

}  // namespace

ExprPtr MatchLabel(const expr::FieldRef& label, const TextMatch& match) {
  Expr leaf;
  leaf.op = match.is_regex ? Expr::Op::kRegex : Expr::Op::kEqual;
  leaf.field = label;
  leaf.text = match.text;
  leaf.anchored = match.is_regex;
  leaf.missing_is_empty = true;
  ExprPtr condition = expr::Make(std::move(leaf));
  return match.is_negated ? expr::Not(std::move(condition)) : condition;
}

Conversion CompareLabel(const expr::FieldRef& label, std::string_view comparison, const Token& number) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const ExprPtr exists = Exists(label);
  const ExprPtr converts = Order(Expr::Op::kGreaterEqual, label, -kInfinity, number.unit);
  return {.passes = expr::And({exists, expr::Not(Opposite(comparison, label, number))}),
          .fails = expr::And({exists, expr::Not(converts)}),
          .fails_pass = true};
}

}  // namespace taffrail::query::lang::logql
