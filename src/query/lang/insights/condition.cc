// Conditions that the store can answer: of one field and a constant, and of such with and, or and not.
#include <cmath>
#include <utility>

#include "base/time_text.h"
#include "expr/number.h"
#include "fmt/format.h"
#include "query/lang/insights/compiler.h"
#include "query/plan/record_id.h"

namespace taffrail::query::lang::insights {
namespace {

using expr::Expr;
using expr::ExprPtr;
using expr::FieldRef;
using Kind = Node::Kind;
using Source = FieldRef::Source;

Expr Leaf(Expr::Op op, FieldRef field, std::string text) {
  Expr leaf;
  leaf.op = op;
  leaf.field = std::move(field);
  leaf.text = std::move(text);
  return leaf;
}

ExprPtr Present(FieldRef field) {
  Expr leaf = Leaf(Expr::Op::kExists, std::move(field), "");
  leaf.non_null = true;
  return expr::Make(std::move(leaf));
}

Expr::Op OrderOf(std::string_view op) {
  if (op == "lt") return Expr::Op::kLess;
  if (op == "le") return Expr::Op::kLessEqual;
  return op == "gt" ? Expr::Op::kGreater : Expr::Op::kGreaterEqual;
}

// 5 < x is x > 5.
std::string_view Turned(std::string_view op) {
  if (op == "lt") return "gt";
  if (op == "le") return "ge";
  if (op == "gt") return "lt";
  return op == "ge" ? "le" : op;
}

}  // namespace

absl::StatusOr<std::optional<ExprPtr>> Compiler::Condition(const Node& node, const Scope& scope) const {
  if (node.kind == Kind::kBool) return node.text == "true" ? expr::True() : expr::False();
  if (node.kind == Kind::kCall) return Called(node, scope);
  if (node.kind != Kind::kOperator) return std::nullopt;
  if (node.text == "and" || node.text == "or" || node.text == "not") return Branches(node, scope);
  if (node.text == "like" || node.text == "regex" || node.text == "in") return Matched(node, scope);
  if (node.text.size() == 2) return Compared(node, scope);
  return std::nullopt;
}

Compiler::MaybeExpr Compiler::Branches(const Node& node, const Scope& scope) const {
  std::vector<ExprPtr> parts;
  for (const NodePtr& child : node.children) {
    TAFFRAIL_ASSIGN_OR_RETURN(std::optional<ExprPtr> part, Condition(*child, scope));
    if (!part) return std::nullopt;
    parts.push_back(*std::move(part));
  }
  if (node.text == "not") return expr::Not(std::move(parts[0]));
  return node.text == "and" ? expr::And(std::move(parts)) : expr::Or(std::move(parts));
}

// The time of a line against a number of milliseconds, or a text that is a time.
Compiler::MaybeExpr Compiler::TimeCompared(const std::string& op, const Node& literal) const {
  int64_t time_ns = 0;
  if (literal.kind == Kind::kText) {
    const std::optional<int64_t> time = base::ParseTimestamp(literal.text);
    if (!time) {
      return lexer_.ErrorAt(literal.begin,
                            "expected a time, such as \"2025-10-30T14:00:00Z\", or a number of milliseconds");
    }
    time_ns = *time;
  } else {
    double millis = 0;
    if (!expr::ParseNumber(literal.text, millis) || std::abs(millis) > 9.2e12 ||
        millis != std::floor(millis)) {
      return std::nullopt;
    }
    time_ns = static_cast<int64_t>(millis) * 1'000'000;
  }
  const bool equals = op == "eq" || op == "ne";
  // A number is of whole milliseconds, and so is the time that it is compared with: 14:00:00.0005 is not
  // above 14:00:00.000, nor is it unequal to it.
  const bool whole = literal.kind == Kind::kNumber;
  const FieldRef time{Source::kTimestamp, ""};
  const auto from = [&](int64_t begin_ns) {
    return expr::Make(Leaf(Expr::Op::kGreaterEqual, time, std::to_string(begin_ns)));
  };
  const int64_t next_ns = whole ? time_ns + 1'000'000 : time_ns + 1;
  if (equals) {
    ExprPtr inside = expr::And({from(time_ns), expr::Not(from(next_ns))});
    return op == "eq" ? inside : expr::Not(std::move(inside));
  }
  if (op == "lt") return expr::Make(Leaf(Expr::Op::kLess, time, std::to_string(time_ns)));
  if (op == "le") return expr::Make(Leaf(Expr::Op::kLess, time, std::to_string(next_ns)));
  return from(op == "ge" ? time_ns : next_ns);
}

Compiler::MaybeExpr Compiler::Compared(const Node& node, const Scope& scope) const {
  const bool turned = node.children[0]->IsLiteral();
  const Node& name = *node.children[turned ? 1 : 0];
  const Node& literal = *node.children[turned ? 0 : 1];
  if (name.kind != Kind::kField || !literal.IsLiteral()) return std::nullopt;
  const std::string op(turned ? Turned(node.text) : node.text);
  TAFFRAIL_ASSIGN_OR_RETURN(const std::optional<Field> field, FieldOf(name, scope));
  const bool equals = op == "eq" || op == "ne";
  if (!field && name.text == "@ptr" && equals && literal.kind == Kind::kText) {
    ExprPtr equal = plan::RecordIdCondition(literal.text);
    return op == "eq" ? equal : expr::Not(std::move(equal));
  }
  if (!field) return std::nullopt;
  if (literal.kind == Kind::kNull) {
    if (!equals) return expr::False();
    ExprPtr present = Present(field->ref);
    return op == "eq" ? expr::Not(std::move(present)) : present;
  }
  if (field->type == Type::kTime) {
    if (field->ref.source != Source::kTimestamp) return std::nullopt;
    return literal.kind == Kind::kBool ? MaybeExpr(std::nullopt) : TimeCompared(op, literal);
  }
  if (equals) {
    ExprPtr equal = expr::Make(Leaf(Expr::Op::kEqual, field->ref, literal.text));
    return op == "eq" ? equal : expr::Not(std::move(equal));
  }
  Expr order = Leaf(OrderOf(op), field->ref, literal.text);
  if (literal.kind == Kind::kNumber) {
    order.text.clear();
    order.is_number = true;
    if (!expr::ParseNumber(literal.text, order.number)) return std::nullopt;
  }
  return expr::Make(std::move(order));
}

Compiler::MaybeExpr Compiler::Matched(const Node& node, const Scope& scope) const {
  const Node& name = *node.children[0];
  if (name.kind != Kind::kField) return std::nullopt;
  TAFFRAIL_ASSIGN_OR_RETURN(const std::optional<Field> field, FieldOf(name, scope));
  if (!field || field->type == Type::kTime) return std::nullopt;
  if (node.text != "in") {
    const Expr::Op op = node.text == "like" ? Expr::Op::kContains : Expr::Op::kRegex;
    return expr::Make(Leaf(op, field->ref, node.children[1]->text));
  }
  Expr in = Leaf(Expr::Op::kIn, field->ref, "");
  std::vector<ExprPtr> others;
  for (size_t i = 1; i < node.children.size(); ++i) {
    const Node& element = *node.children[i];
    if (element.kind == Kind::kNull) {
      others.push_back(expr::Not(Present(field->ref)));
    } else {
      in.texts.push_back(element.text);
    }
  }
  if (!in.texts.empty()) others.push_back(expr::Make(std::move(in)));
  return expr::Or(std::move(others));
}

// The functions that are conditions on one field.
Compiler::MaybeExpr Compiler::Called(const Node& node, const Scope& scope) const {
  const Function* const function = FindFunction(node.text);
  if (function == nullptr || node.children.empty() || node.children[0]->kind != Kind::kField ||
      node.children.size() != function->min_arguments || ColumnOf(Written(node), scope)) {
    return std::nullopt;
  }
  TAFFRAIL_ASSIGN_OR_RETURN(const std::optional<Field> field, FieldOf(*node.children[0], scope));
  if (!field || field->type == Type::kTime) return std::nullopt;
  if (function->name == "ispresent") return Present(field->ref);
  if (function->name == "isempty") {
    Expr empty = Leaf(Expr::Op::kEqual, field->ref, "");
    empty.missing_is_empty = true;
    return expr::Make(std::move(empty));
  }
  if (node.children.size() != 2 || node.children[1]->kind != Kind::kText) return std::nullopt;
  const std::string& text = node.children[1]->text;
  if (function->name == "strcontains") return expr::Make(Leaf(Expr::Op::kContains, field->ref, text));
  if (function->name.ends_with("InSubnet")) {
    TAFFRAIL_ASSIGN_OR_RETURN(const std::string network, NetworkOf(*function, *node.children[1]));
    return expr::Make(Leaf(Expr::Op::kInNetwork, field->ref, network));
  }
  return std::nullopt;
}

}  // namespace taffrail::query::lang::insights
