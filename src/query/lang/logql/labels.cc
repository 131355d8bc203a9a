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
  if (are_fields_) return MatchLabel(Find(expr::kErrorLabel), {.is_negated = true, .text = ""});
  return expr::Or({NotJson(), failed_});
}

absl::StatusOr<ExprPtr> Labels::MatchError(const TextMatch& match) const {
  if (are_fields_) return MatchLabel(Find(expr::kErrorLabel), match);
  const std::string column(expr::kErrorLabel);
  TAFFRAIL_ASSIGN_OR_RETURN(
      const std::unique_ptr<expr::ValueMatcher> matcher,
      expr::ValueMatcher::Compile(MatchLabel({FieldRef::Source::kField, column}, match), {column}));
  const auto matches = [&matcher](std::string_view text) {
    return matcher->Matches(std::vector<expr::Value>{std::string(text)});
  };
  const bool not_json = matches(expr::kJsonParserError);
  const bool failed = matches(kLabelFilterError);
  std::vector<ExprPtr> any;
  if (matches("")) any.push_back(expr::Not(HasError()));
  if (not_json) any.push_back(NotJson());
  if (failed) any.push_back(not_json ? failed_ : expr::And({expr::Not(NotJson()), failed_}));
  return any.size() == 3 ? expr::True() : expr::Or(std::move(any));
}

}  // namespace taffrail::query::lang::logql
