#include "query/lang/logql/line_filter.h"

#include <algorithm>
#include <vector>

#include "expr/leaf.h"
#include "expr/matcher.h"

namespace taffrail::query::lang::logql {
namespace {

using expr::Expr;
using expr::ExprPtr;

ExprPtr LineLeaf(Expr::Op op, std::string text, bool ignore_case) {
  return expr::Leaf(op, {expr::FieldRef::Source::kLine, ""}, std::move(text), ignore_case);
}

bool IsPlain(std::string_view text) {
  return text.find_first_of("\\.+*?()|[]{}^$") == std::string_view::npos;
}

// Whether ASCII folding finds all that RE2's (?i) does: k and s also have relatives beyond ASCII (K, ſ).
bool FoldsInAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x80 && std::string_view("kKsS").find(c) == std::string_view::npos;
  });
}

}  // namespace

ExprPtr LineContains(std::string text) {
  return text.empty() ? expr::True() : LineLeaf(Expr::Op::kContains, std::move(text), false);
}

absl::StatusOr<ExprPtr> LineMatches(std::string pattern) {
  std::string_view rest = pattern;
  const bool ignore_case = rest.starts_with("(?i)");
  if (ignore_case) rest.remove_prefix(4);
  std::vector<ExprPtr> choices;
  while (true) {
    const size_t bar = rest.find('|');
    const std::string_view text = rest.substr(0, bar);
    if (text.empty() || !IsPlain(text) || (ignore_case && !FoldsInAscii(text))) break;
    choices.push_back(LineLeaf(Expr::Op::kContains, std::string(text), ignore_case));
    if (bar == std::string_view::npos) return expr::Or(std::move(choices));
    rest.remove_prefix(bar + 1);
  }
  ExprPtr regex = LineLeaf(Expr::Op::kRegex, pattern, false);
  TAFFRAIL_RETURN_IF_ERROR(expr::Matcher::Compile(regex).status());  // its error shows the pattern as written
  if (pattern.find('.') == std::string::npos) return regex;
  return LineLeaf(Expr::Op::kRegex, "(?s)" + pattern, false);
}

}  // namespace taffrail::query::lang::logql
