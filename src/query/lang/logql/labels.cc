#include "query/lang/logql/labels.h"

#include <memory>
#include <string>
#include <vector>

#include "expr/binding.h"
#include "expr/value_matcher.h"

namespace taffrail::query::lang::logql {
namespace {

using expr::ExprPtr;
using expr::FieldRef;

constexpr std::string_view kLabelFilterError = "LabelFilterErr";

}  // namespace

FieldRef Labels::Find(std::string_view name) const {
  if (are_fields_) return {FieldRef::Source::kLabel, std::string(name)};
  return {parsed_json_ ? FieldRef::Source::kLogql : FieldRef::Source::kLabel, std::string(name)};
}

bool Labels::IsError(std::string_view name) { return name == expr::kErrorLabel; }

ExprPtr Labels::NotJson() const {
  if (!parsed_json_) return expr::False();
  expr::Expr leaf;
  leaf.op = expr::Expr::Op::kEqual;
  leaf.field = Find(expr::kErrorLabel);
  leaf.text = expr::kJsonParserError;
  return expr::Make(std::move(leaf));
}

ExprPtr Labels::HasError() const {
  if (!are_fields_) return expr::Or({NotJson(), failed_});
  return expr::Or({MatchLabel(Find(expr::kErrorLabel), {.is_negated = true, .text = ""}), failed_});
}

absl::StatusOr<ExprPtr> Labels::MatchError(const TextMatch& match) const {
  const std::string column(expr::kErrorLabel);
  TAFFRAIL_ASSIGN_OR_RETURN(
      const std::unique_ptr<expr::ValueMatcher> matcher,
      expr::ValueMatcher::Compile(MatchLabel({FieldRef::Source::kField, column}, match), {column}));
  const auto matches = [&matcher](std::string_view text) {
    return matcher->Matches(std::vector<expr::Value>{std::string(text)});
  };
  const bool failed = matches(kLabelFilterError);
  if (are_fields_) {
    ExprPtr had = MatchLabel(Find(expr::kErrorLabel), match);
    if (failed_->op == expr::Expr::Op::kFalse) return had;
    // What failed within this stage had no error before it.
    const ExprPtr had_none = MatchLabel(Find(expr::kErrorLabel), {.text = ""});
    if (matches("") == failed) return had;
    if (failed) return expr::Or({std::move(had), expr::And({had_none, failed_})});
    return expr::And({std::move(had), expr::Not(expr::And({had_none, failed_}))});
  }
  const bool not_json = matches(expr::kJsonParserError);
  std::vector<ExprPtr> any;
  if (matches("")) any.push_back(expr::Not(HasError()));
  if (not_json) any.push_back(NotJson());
  if (failed) any.push_back(not_json ? failed_ : expr::And({expr::Not(NotJson()), failed_}));
  return any.size() == 3 ? expr::True() : expr::Or(std::move(any));
}

}  // namespace taffrail::query::lang::logql
