// The labels of a line as they stand at one point of the pipeline.
//
// The stages before that point decide two things: whether the line's own fields are labels already, and which
// lines carry __error__. That label is not stored anywhere; what it would hold is known from the stages, so a
// condition on it becomes one on what led to it:
//
//   | json | took > 5s | __error__=""      not(or(not JSON, and(took is there, took is no duration)))
//
// Once stages look inside the line (a parser other than json, a template …) labels are an entry's fields, and
// __error__ is one of them.
#pragma once

#include <string_view>

#include "base/status.h"
#include "expr/expr.h"
#include "query/lang/logql/condition.h"

namespace taffrail::query::lang::logql {

class Labels {
 public:
  void ParseJson() { parsed_json_ = true; }
  // From here on __error__ is one of them, with what failed so far.
  void BecomeFields() {
    are_fields_ = true;
    failed_ = expr::False();
  }
  // These lines get __error__="LabelFilterErr", unless they have one.
  void AddFailures(expr::ExprPtr fails) { failed_ = expr::Or({failed_, std::move(fails)}); }

  expr::FieldRef Find(std::string_view name) const;
  static bool IsError(std::string_view name);

  // Lines with an __error__.
  expr::ExprPtr HasError() const;
  // InvalidArgument: a regular expression that does not compile.
  absl::StatusOr<expr::ExprPtr> MatchError(const TextMatch& match) const;

 private:
  expr::ExprPtr NotJson() const;

  bool parsed_json_ = false;
  bool are_fields_ = false;
  expr::ExprPtr failed_ = expr::False();
};

}  // namespace taffrail::query::lang::logql
