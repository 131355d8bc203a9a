// What LogQL's operators on labels mean as expressions.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "expr/expr.h"
#include "query/lang/logql/lexer.h"

namespace taffrail::query::lang::logql {

// = != =~ !~ with a text.
struct TextMatch {
  bool is_regex = false;
  bool is_negated = false;
  std::string text;
};

// Of a label: regular expressions match the whole value, and a label that is missing is the empty string.
expr::ExprPtr MatchLabel(const expr::FieldRef& label, const TextMatch& match);

// A condition on a label whose text is converted to a number first. Loki drops a line without the label, and
// keeps one whose label does not convert, with the label __error__ set to LabelFilterErr.
struct Conversion {
  expr::ExprPtr passes;
  expr::ExprPtr fails;     // where it does not convert
  bool fails_pass = true;  // whether all of these lines pass, as they do but for `and` with what does not
};

// REQUIRES: a comparison operator (= == != > >= < <=) and a kNumber token.
Conversion CompareLabel(const expr::FieldRef& label, std::string_view comparison, const Token& number);

}  // namespace taffrail::query::lang::logql
