#include "query/lang/search/term.h"

#include <algorithm>
#include <utility>

#include "base/network.h"
#include "base/time_text.h"
#include "expr/leaf.h"
#include "expr/number.h"
#include "expr/words.h"
#include "fmt/format.h"
#include "record/json_line.h"
#include "record/level.h"

namespace taffrail::query::lang::search {
namespace {

using expr::Expr;
using expr::ExprPtr;
using expr::FieldRef;
using expr::Leaf;
using expr::TimeLeaf;
using Source = expr::FieldRef::Source;

constexpr int64_t kDayNs = int64_t{24} * 3600 * 1'000'000'000;

bool HasWord(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return expr::IsWordByte(static_cast<unsigned char>(c)); });
}

// A bare word with wildcards matches one whole word: "tim*" is in "a timeout", not in "sometimes".
std::string WordRegex(std::string_view pattern) {
  constexpr std::string_view kWord = "[0-9A-Za-z_\\x{80}-\\x{10FFFF}]";
  constexpr std::string_view kSpecial = "\\.+*?()|[]{}^$";
  std::string body;
  for (size_t i = 0; i < pattern.size(); ++i) {
    char c = pattern[i];
    if (c == '*' || c == '?') {
      body += kWord;
      if (c == '*') body += '*';
      continue;
    }
    if (c == '\\' && i + 1 < pattern.size()) c = pattern[++i];
    if (kSpecial.find(c) != std::string_view::npos) body += '\\';
    body += c;
  }
  const auto bounds_word = [](char c) {
    return c == '*' || c == '?' || expr::IsWordByte(static_cast<unsigned char>(c));
  };
  const std::string edge = "[^0-9A-Za-z_\\x{80}-\\x{10FFFF}]";
  const std::string before = bounds_word(pattern.front()) ? "(?:^|" + edge + ")" : "";
  const std::string after = bounds_word(pattern.back()) ? "(?:$|" + edge + ")" : "";
  return before + body + after;
}

absl::StatusOr<ExprPtr> CompareLevel(Expr::Op op, const std::string& text) {
  constexpr record::Level kLevels[] = {record::Level::kTrace, record::Level::kDebug,
                                       record::Level::kInfo,  record::Level::kWarning,
                                       record::Level::kError, record::Level::kCritical};
  const auto bound = record::ParseLevelName(text);
  if (!bound) {
    return absl::InvalidArgumentError(
        fmt::format("\"{}\" is no level; levels are TRACE, DEBUG, INFO, WARNING, ERROR and CRITICAL", text));
  }
  Expr expr;
  expr.op = Expr::Op::kIn;
  expr.field = {Source::kLevel, ""};
  for (const record::Level level : kLevels) {
    const bool holds =
        (op == Expr::Op::kLess && level < *bound) || (op == Expr::Op::kLessEqual && level <= *bound) ||
        (op == Expr::Op::kGreater && level > *bound) || (op == Expr::Op::kGreaterEqual && level >= *bound);
    if (holds) expr.texts.emplace_back(record::LevelName(level));
  }
  return expr::Make(std::move(expr));
}

ExprPtr MatchAny(const Typed& value) {
  if (value.has_wildcard) return Leaf(Expr::Op::kRegex, {Source::kAny, ""}, WordRegex(value.text), true);
  std::string text = Plain(value);
  // Nothing to compare as words: "=>" is looked for as it stands.
  const Expr::Op op = HasWord(text) ? Expr::Op::kPhrase : Expr::Op::kContains;
  return Leaf(op, {Source::kAny, ""}, std::move(text), op == Expr::Op::kContains);
}

}  // namespace

std::string Plain(const Typed& typed) {
  if (typed.quoted) return typed.text;
  std::string out;
  for (size_t i = 0; i < typed.text.size(); ++i) {
    if (typed.text[i] == '\\' && i + 1 < typed.text.size()) ++i;
    out += typed.text[i];
  }
  return out;
}

bool TermBuilder::IsTime(std::string_view name) const {
  return !of_table_ && (name == "timestamp" || name == "@timestamp");
}

FieldRef TermBuilder::FieldOf(std::string_view name) const {
  return IsTime(name) ? FieldRef{Source::kTimestamp, ""} : TextFieldOf(name);
}

FieldRef TermBuilder::TextFieldOf(std::string_view name) const {
  if (name.empty()) return {Source::kAny, ""};
  if (IsLevel(name)) return {Source::kLevel, ""};
  if (IsMessage(name)) return {Source::kMessage, ""};
  return {Source::kField, std::string(name)};
}

absl::StatusOr<ExprPtr> TermBuilder::Match(std::string_view name, const Typed& value) const {
  if (value.has_wildcard && !record::IsUtf8(value.text)) {
    return absl::InvalidArgumentError("a text with * or ? must be valid UTF-8");
  }
  if (name.empty()) return MatchAny(value);
  if (value.has_wildcard) {
    return Leaf(Expr::Op::kWildcard, TextFieldOf(name), value.text, IsLevel(name) || IsMessage(name));
  }
  if (IsTime(name)) return MatchTime(name, value);
  std::string text = Plain(value);
  if (IsLevel(name)) {
    const auto level = record::ParseLevelName(text);
    if (level) return Leaf(Expr::Op::kEqual, FieldOf(name), std::string(record::LevelName(*level)));
    return Leaf(Expr::Op::kEqual, FieldOf(name), std::move(text), true);
  }
  if (IsMessage(name)) {
    const Expr::Op op = HasWord(text) ? Expr::Op::kPhrase : Expr::Op::kContains;
    return Leaf(op, FieldOf(name), std::move(text), op == Expr::Op::kContains);
  }
  const bool is_network = !value.quoted && text.find('/') != std::string::npos && base::Network::Parse(text);
  return Leaf(is_network ? Expr::Op::kInNetwork : Expr::Op::kEqual, FieldOf(name), std::move(text));
}

absl::StatusOr<ExprPtr> TermBuilder::MatchTime(std::string_view name, const Typed& value) const {
  const std::string text = Plain(value);
  const auto time_ns = base::ParseTimeArg(text, now_ns_);
  if (!time_ns.ok()) {
    return absl::InvalidArgumentError(
        fmt::format("{} after \"{}:\"", std::string(time_ns.status().message()), name));
  }
  constexpr size_t kDateBytes = 10;  // "2025-10-01" means that day
  const bool is_date = text.size() == kDateBytes && text[4] == '-';
  if (!is_date) return TimeLeaf(Expr::Op::kEqual, *time_ns);
  return expr::And(
      {TimeLeaf(Expr::Op::kGreaterEqual, *time_ns), TimeLeaf(Expr::Op::kLess, *time_ns + kDayNs)});
}

absl::StatusOr<ExprPtr> TermBuilder::Compare(std::string_view name, Expr::Op op, const Typed& bound) const {
  std::string text = Plain(bound);
  if (IsTime(name)) {
    TAFFRAIL_ASSIGN_OR_RETURN(const int64_t time_ns, base::ParseTimeArg(text, now_ns_));
    return TimeLeaf(op, time_ns);
  }
  if (IsLevel(name)) return CompareLevel(op, text);
  Expr expr;
  expr.op = op;
  expr.field = FieldOf(name);
  expr.is_number = !bound.quoted && expr::ParseNumber(text, expr.number);
  if (!expr.is_number) expr.text = std::move(text);
  return expr::Make(std::move(expr));
}

absl::StatusOr<ExprPtr> TermBuilder::Regex(std::string_view name, std::string pattern) const {
  return Leaf(Expr::Op::kRegex, name.empty() ? FieldRef{Source::kLine, ""} : TextFieldOf(name),
              std::move(pattern));
}

ExprPtr TermBuilder::Exists(std::string_view name) const {
  return Leaf(Expr::Op::kExists, TextFieldOf(name), "");
}

}  // namespace taffrail::query::lang::search
