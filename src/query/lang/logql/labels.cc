#include "query/lang/logql/labels.h"

#include <algorithm>
#include <limits>

#include "expr/binding.h"
#include "expr/matcher.h"
#include "expr/value_matcher.h"
#include "fmt/format.h"

namespace taffrail::query::lang::logql {
namespace {

using expr::Expr;
using expr::ExprPtr;
using expr::FieldRef;
using Source = expr::FieldRef::Source;

constexpr std::string_view kLabelFilterError = "LabelFilterErr";

ExprPtr Leaf(Expr::Op op, const FieldRef& field, std::string text = {}) {
  Expr expr;
  expr.op = op;
  expr.field = field;
  expr.text = std::move(text);
  return expr::Make(std::move(expr));
}

ExprPtr NumberLeaf(Expr::Op op, const FieldRef& field, double number, Expr::Unit unit) {
  Expr expr;
  expr.op = op;
  expr.field = field;
  expr.is_number = true;
  expr.number = number;
  expr.unit = unit;
  return expr::Make(std::move(expr));
}

// The value is there and reads as a number of the unit.
ExprPtr IsNumber(const FieldRef& field, Expr::Unit unit) {
  return NumberLeaf(Expr::Op::kGreaterEqual, field, -std::numeric_limits<double>::infinity(), unit);
}

ExprPtr Comparison(const FieldRef& field, std::string_view op, const Token& value) {
  const auto leaf = [&](Expr::Op ordering) { return NumberLeaf(ordering, field, value.number, value.unit); };
  if (op == ">") return leaf(Expr::Op::kGreater);
  if (op == ">=") return leaf(Expr::Op::kGreaterEqual);
  if (op == "<") return leaf(Expr::Op::kLess);
  if (op == "<=") return leaf(Expr::Op::kLessEqual);
  const ExprPtr equal = expr::And({leaf(Expr::Op::kGreaterEqual), leaf(Expr::Op::kLessEqual)});
  if (op != "!=") return equal;
  return expr::And({IsNumber(field, value.unit), expr::Not(equal)});
}

// Splits "a.b[\"c d\"]" into the dotted path of FieldRef.
absl::StatusOr<std::string> ParsePath(std::string_view text) {
  std::string path;
  const auto append = [&path](std::string_view key) {
    if (!path.empty()) path += '.';
    path += key;
  };
  while (!text.empty()) {
    if (text.starts_with("[\"")) {
      const size_t end = text.find("\"]");
      if (end == std::string_view::npos)
        return absl::InvalidArgumentError("a '[\"' is never closed by '\"]'");
      append(text.substr(2, end - 2));
      text.remove_prefix(end + 2);
    } else if (text[0] == '[') {
      return absl::InvalidArgumentError("elements of arrays cannot be extracted yet");
    } else {
      if (text[0] == '.') text.remove_prefix(1);
      const size_t end = std::min(text.find_first_of(".["), text.size());
      if (end == 0) return absl::InvalidArgumentError("a key is empty");
      append(text.substr(0, end));
      text.remove_prefix(end);
    }
  }
  if (path.empty()) return absl::InvalidArgumentError("the path is empty");
  return path;
}

}  // namespace

absl::StatusOr<ExprPtr> TextCondition(const FieldRef& field, std::string_view op, std::string value) {
  Expr expr;
  expr.field = field;
  expr.missing_is_empty = true;
  const bool is_regex = op == "=~" || op == "!~";
  expr.op = is_regex ? Expr::Op::kRegex : Expr::Op::kEqual;
  expr.anchored = is_regex;
  expr.text = std::move(value);
  ExprPtr condition = expr::Make(std::move(expr));
  TAFFRAIL_RETURN_IF_ERROR(expr::Matcher::Compile(condition).status());
  return op[0] == '!' ? expr::Not(std::move(condition)) : condition;
}

absl::Status Labels::ParseJson(std::string_view label, std::string_view path) {
  TAFFRAIL_ASSIGN_OR_RETURN(std::string dotted, ParsePath(path));
  extracted_[std::string(label)] = FieldRef{Source::kPath, std::move(dotted)};
  dropped_.erase(std::string(label));
  return absl::OkStatus();
}

void Labels::Keep(std::set<std::string> labels) {
  if (keeps_some_)
    std::erase_if(labels, [this](const std::string& label) { return kept_.count(label) == 0; });
  keeps_some_ = true;
  kept_ = std::move(labels);
}

bool Labels::IsDropped(std::string_view label) const {
  const std::string name(label);
  return dropped_.count(name) != 0 || (keeps_some_ && kept_.count(name) == 0);
}

template <typename F>
ExprPtr Labels::On(std::string_view label, F&& make) const {
  // No record has a label with an empty name.
  if (IsDropped(label)) return make(FieldRef{Source::kStream, ""});
  const FieldRef field{json_ ? Source::kLogql : Source::kLabel, std::string(label)};
  const auto extracted = extracted_.find(label);
  if (extracted == extracted_.end()) return make(field);
  // A stream label keeps its name; what json extracts gives way.
  const ExprPtr is_label = Leaf(Expr::Op::kExists, FieldRef{Source::kStream, std::string(label)});
  return expr::Or(
      {expr::And({is_label, make(field)}), expr::And({expr::Not(is_label), make(extracted->second)})});
}

ExprPtr Labels::JsonError() const {
  if (!json_) return expr::False();
  return Leaf(Expr::Op::kEqual, {Source::kLogql, std::string(expr::kErrorLabel)},
              std::string(expr::kJsonParserError));
}

ExprPtr Labels::HasError() const {
  std::vector<ExprPtr> errors = number_errors_;
  errors.push_back(JsonError());
  return expr::Or(std::move(errors));
}

absl::StatusOr<ExprPtr> Labels::MatchError(std::string_view op, const std::string& value) const {
  const FieldRef column{Source::kField, std::string(expr::kErrorLabel)};
  TAFFRAIL_ASSIGN_OR_RETURN(const ExprPtr condition, TextCondition(column, op, value));
  TAFFRAIL_ASSIGN_OR_RETURN(const auto matcher, expr::ValueMatcher::Compile(condition, {column.name}));
  // The label has one of three values, so the condition on it is decided here for each.
  const auto holds_for = [&matcher](std::string_view error) {
    const expr::Value row[] = {std::string(error)};
    return matcher->Matches(row);
  };
  const ExprPtr json_error = JsonError();
  std::vector<ExprPtr> cases;
  if (holds_for("")) cases.push_back(expr::Not(HasError()));
  if (holds_for(expr::kJsonParserError)) cases.push_back(json_error);
  if (holds_for(kLabelFilterError))
    cases.push_back(expr::And({expr::Not(json_error), expr::Or(number_errors_)}));
  return expr::Or(std::move(cases));
}

absl::StatusOr<ExprPtr> Labels::MatchText(std::string_view label, std::string_view op,
                                          std::string value) const {
  if (label == expr::kErrorLabel && !IsDropped(label)) return MatchError(op, value);
  absl::Status status;
  ExprPtr condition = On(label, [&](const FieldRef& field) {
    auto one = TextCondition(field, op, value);
    status.Update(one.status());
    return one.ok() ? *one : expr::False();
  });
  TAFFRAIL_RETURN_IF_ERROR(status);
  return condition;
}

ExprPtr Labels::CompareNumber(std::string_view label, std::string_view op, const Token& value) {
  const ExprPtr earlier_error = HasError();
  const ExprPtr holds = On(label, [&](const FieldRef& field) { return Comparison(field, op, value); });
  const ExprPtr no_number = On(label, [&](const FieldRef& field) {
    return expr::And({Leaf(Expr::Op::kExists, field), expr::Not(IsNumber(field, value.unit))});
  });
  number_errors_.push_back(no_number);
  return expr::Or({earlier_error, holds, no_number});
}

absl::StatusOr<ExprPtr> Labels::MatchNetwork(std::string_view label, std::string_view op,
                                             std::string network) const {
  const ExprPtr probe = Leaf(Expr::Op::kInNetwork, {Source::kLabel, std::string(label)}, network);
  TAFFRAIL_RETURN_IF_ERROR(expr::Matcher::Compile(probe).status());
  const ExprPtr holds = On(label, [&](const FieldRef& field) {
    const ExprPtr inside = Leaf(Expr::Op::kInNetwork, field, network);
    return op == "!=" ? expr::And({Leaf(Expr::Op::kExists, field), expr::Not(inside)}) : inside;
  });
  return expr::Or({HasError(), holds});
}

}  // namespace taffrail::query::lang::logql
