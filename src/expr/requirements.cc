#include "expr/requirements.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <set>

#include "expr/words.h"

namespace taffrail::expr {
namespace {

using Words = std::set<std::string>;

Words IdsIn(std::string_view text) {
  Words ids;
  ForEachId(text, [&ids](std::string_view id) { ids.emplace(id); });
  return ids;
}

Words Intersection(const Words& a, const Words& b) {
  Words both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::inserter(both, both.end()));
  return both;
}

// Whether the condition is on the text of values, whole: levels are compared by what they mean, and the words
// of a line may belong to its keys.
bool LooksAtValues(const FieldRef& field) {
  switch (field.source) {
    case FieldRef::Source::kField:
    case FieldRef::Source::kPath:
    case FieldRef::Source::kStream:
    case FieldRef::Source::kLabel:
    case FieldRef::Source::kLogql:
    case FieldRef::Source::kMessage:
    case FieldRef::Source::kAny:
      return true;
    default:
      return false;
  }
}

Words WordsOf(const Expr& expr);

Words WordsOfAny(const Expr& expr) {
  Words common = WordsOf(*expr.children[0]);
  for (size_t i = 1; i < expr.children.size() && !common.empty(); ++i) {
    common = Intersection(common, WordsOf(*expr.children[i]));
  }
  return common;
}

Words WordsOfTexts(const std::vector<std::string>& texts) {
  if (texts.empty()) return {};
  Words common = IdsIn(texts[0]);
  for (const std::string& text : texts) common = Intersection(common, IdsIn(text));
  return common;
}

Words WordsOf(const Expr& expr) {
  Words words;
  switch (expr.op) {
    case Expr::Op::kAnd:
      for (const ExprPtr& child : expr.children) words.merge(WordsOf(*child));
      return words;
    case Expr::Op::kOr:
      return WordsOfAny(expr);
    case Expr::Op::kEqual:
    case Expr::Op::kPhrase:
      return LooksAtValues(expr.field) ? IdsIn(expr.text) : words;
    case Expr::Op::kIn:
      return LooksAtValues(expr.field) ? WordsOfTexts(expr.texts) : words;
    default:
      return words;
  }
}

void AddRanges(const Expr& expr, std::map<std::string, Matcher::NumberRange>& ranges) {
  if (expr.op == Expr::Op::kAnd) {
    for (const ExprPtr& child : expr.children) AddRanges(*child, ranges);
    return;
  }
  if (!expr.is_number || expr.unit != Expr::Unit::kNone || expr.field.source != FieldRef::Source::kField)
    return;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const auto entry =
      ranges.try_emplace(expr.field.name, Matcher::NumberRange{expr.field.name, -kInfinity, kInfinity}).first;
  Matcher::NumberRange& range = entry->second;
  switch (expr.op) {
    case Expr::Op::kLess:
    case Expr::Op::kLessEqual:
      range.max = std::min(range.max, expr.number);
      return;
    case Expr::Op::kGreater:
    case Expr::Op::kGreaterEqual:
      range.min = std::max(range.min, expr.number);
      return;
    default:
      return;
  }
}

}  // namespace

std::vector<std::string> RequiredWordsOf(const Expr& expr) {
  const Words words = WordsOf(expr);
  return {words.begin(), words.end()};
}

std::vector<Matcher::NumberRange> RequiredRangesOf(const Expr& expr) {
  std::map<std::string, Matcher::NumberRange> ranges;
  AddRanges(expr, ranges);
  std::vector<Matcher::NumberRange> sorted;
  sorted.reserve(ranges.size());
  for (auto& [path, range] : ranges) sorted.push_back(std::move(range));
  return sorted;
}

}  // namespace taffrail::expr
