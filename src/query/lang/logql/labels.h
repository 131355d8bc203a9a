// What the names in a LogQL query mean at one point of its pipeline, and the conditions on them.
//
// Loki's pipeline changes a record's labels as it goes. The plan has no such state: each condition says where
// to look. So the labels are followed here, while the query is read:
//
//   before `| json`            stream labels and structured metadata
//   after `| json`             also every field of the line, named by FieldRef::kLogql
//   after `| json a="x.y"`     also a, which is the line's path x.y
//   after `| drop a`           a is missing
//
// __error__ is followed too, as LabelFilterErr or JSONParserErr. It is set by `| json` on lines that are no
// JSON objects, and by a comparison with a number on values that are none; lines with an error pass all
// comparisons with numbers and addresses, as in Loki, so that a later `| __error__=""` decides about them.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "expr/expr.h"
#include "query/lang/logql/lexer.h"

namespace taffrail::query::lang::logql {

class Labels {
 public:
  void ParseJson() { json_ = true; }
  // `path`: "a.b", or "a[\"b c\"].d". InvalidArgument when it reaches into an array.
  absl::Status ParseJson(std::string_view label, std::string_view path);
  void Drop(std::string_view label) { dropped_.insert(std::string(label)); }
  void Keep(std::set<std::string> labels);

  // The conditions of label filters. `op`: the operator as written; `value`: what stands after it.
  absl::StatusOr<expr::ExprPtr> MatchText(std::string_view label, std::string_view op,
                                          std::string value) const;
  expr::ExprPtr CompareNumber(std::string_view label, std::string_view op, const Token& value);
  absl::StatusOr<expr::ExprPtr> MatchNetwork(std::string_view label, std::string_view op,
                                             std::string network) const;

 private:
  // The condition `make(field)` on whatever the label is for each record.
  template <typename F>
  expr::ExprPtr On(std::string_view label, F&& make) const;
  bool IsDropped(std::string_view label) const;
  expr::ExprPtr JsonError() const;
  expr::ExprPtr HasError() const;
  absl::StatusOr<expr::ExprPtr> MatchError(std::string_view op, const std::string& value) const;

  bool json_ = false;
  bool keeps_some_ = false;
  std::set<std::string> kept_;
  std::set<std::string> dropped_;
  std::map<std::string, expr::FieldRef, std::less<>> extracted_;  // json's parameters: label → path
  std::vector<expr::ExprPtr> number_errors_;  // one for each comparison so far; JSONParserErr outdoes them
};

// A condition of kEqual or kRegex with LogQL's rules for `op`.
absl::StatusOr<expr::ExprPtr> TextCondition(const expr::FieldRef& field, std::string_view op,
                                            std::string value);

}  // namespace taffrail::query::lang::logql
