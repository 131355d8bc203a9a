#include "query/lang/search/filter_parser.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "expr/matcher.h"
#include "fmt/format.h"

namespace taffrail::query::lang::search {
namespace {

using expr::Expr;
using expr::ExprPtr;

bool IsNameByte(char c) {
  return !IsSpace(c) && c != ':' && c != '(' && c != ')' && c != '"' && c != '*' && c != '?' && c != '<' &&
         c != '>';
}

class FilterParser {
 public:
  FilterParser(Cursor& cursor, const TermBuilder& terms) : cursor_(cursor), terms_(terms) {}

  absl::StatusOr<ExprPtr> ParseAll() {
    cursor_.SkipSpace();
    if (AtQueryEnd()) return expr::True();
    TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr expr, ParseOr("", 1));
    if (!AtQueryEnd()) return cursor_.Error("this ')' closes nothing; quote it or remove it");
    return expr;
  }

 private:
  // Parentheses within parentheses: people write a handful; beyond it the expression could not be evaluated
  // either.
  static constexpr int kMaxDepth = expr::kMaxExprDepth / 4;

  absl::StatusOr<ExprPtr> ParseOr(std::string_view name, int depth) {
    if (depth > kMaxDepth) return cursor_.Error(fmt::format("parentheses nest deeper than {}", kMaxDepth));
    std::vector<ExprPtr> parts;
    do {
      TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr part, ParseAnd(name, depth));
      parts.push_back(std::move(part));
    } while (cursor_.TakeWord("OR") || cursor_.TakeWord("||"));
    return expr::Or(std::move(parts));
  }

  absl::StatusOr<ExprPtr> ParseAnd(std::string_view name, int depth) {
    std::vector<ExprPtr> parts;
    do {
      if (!cursor_.TakeWord("AND")) cursor_.TakeWord("&&");
      if (AtQueryEnd() || cursor_.Peek() == ')')
        return cursor_.Error("something to search for is missing here");
      TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr part, ParseNot(name, depth));
      parts.push_back(std::move(part));
      cursor_.SkipSpace();
    } while (!AtQueryEnd() && cursor_.Peek() != ')' && !StandsHere("OR") && !StandsHere("||"));
    return expr::And(std::move(parts));
  }

  bool AtQueryEnd() const { return cursor_.AtEnd() || cursor_.AtStage(); }

  bool StandsHere(std::string_view word) {
    const size_t before = cursor_.at;
    const bool stands = cursor_.TakeWord(word);
    cursor_.at = before;
    return stands;
  }

  absl::StatusOr<ExprPtr> ParseNot(std::string_view name, int depth) {
    bool negated = false;
    while (true) {
      if (cursor_.TakeWord("NOT")) {
        negated = !negated;
      } else if ((cursor_.Peek() == '-' || cursor_.Peek() == '!') && cursor_.at + 1 < cursor_.text.size() &&
                 !IsSpace(cursor_.text[cursor_.at + 1])) {
        ++cursor_.at;
        negated = !negated;
      } else {
        break;
      }
    }
    TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr expr, ParsePrimary(name, depth));
    return negated ? expr::Not(std::move(expr)) : expr;
  }

  absl::StatusOr<ExprPtr> ParsePrimary(std::string_view name, int depth) {
    const size_t begin = cursor_.at;
    if (StandsHere("AND") || StandsHere("OR") || StandsHere("&&") || StandsHere("||")) {
      return cursor_.ErrorAt(
          begin, "something to search for is missing before this; to search for the word itself, quote it");
    }
    if (name.empty()) {
      if (cursor_.text.substr(cursor_.at).starts_with(kLogsCall)) return ParseLogsCall(depth);
      const std::optional<std::string> own = TakeName();
      if (own) return ParseNamed(*own, begin, depth);
    }
    return ParseValue(name, depth);
  }

  // logs("level:CRITICAL"), as monitors of other systems write a search: what is in the quotes, as a group.
  static constexpr std::string_view kLogsCall = "logs(\"";
  absl::StatusOr<ExprPtr> ParseLogsCall(int depth) {
    const size_t begin = cursor_.at;
    if (depth > kMaxDepth) return cursor_.Error(fmt::format("parentheses nest deeper than {}", kMaxDepth));
    cursor_.at += kLogsCall.size() - 1;
    TAFFRAIL_ASSIGN_OR_RETURN(const Typed inner, TakeQuoted());
    if (cursor_.Peek() != ')') return cursor_.ErrorAt(begin, "this logs(\"…\") is never closed by ')'");
    ++cursor_.at;
    cursor_.SkipSpace();
    Cursor inside{inner.text};
    if (inner.text.find_first_not_of(" \t\r\n") == std::string::npos) return expr::True();
    FilterParser parser(inside, terms_);
    inside.SkipSpace();
    absl::StatusOr<ExprPtr> expr = parser.ParseOr("", depth + 1);
    if (expr.ok() && !inside.AtEnd()) expr = inside.Error("logs(\"…\") takes conditions alone");
    return expr;
  }

  // A name and its ':', or nothing.
  std::optional<std::string> TakeName() {
    std::string name;
    size_t i = cursor_.at;
    while (i < cursor_.text.size() && IsNameByte(cursor_.text[i])) {
      if (cursor_.text[i] == '\\' && i + 1 < cursor_.text.size()) ++i;
      name += cursor_.text[i++];
    }
    if (i >= cursor_.text.size() || cursor_.text[i] != ':' || name.empty()) return std::nullopt;
    cursor_.at = i + 1;
    return name;
  }

  absl::StatusOr<ExprPtr> ParseNamed(const std::string& name, size_t begin, int depth) {
    cursor_.SkipSpace();
    if (AtQueryEnd() || cursor_.Peek() == ')') {
      return cursor_.Error(
          fmt::format("a value is missing after \"{}:\"; \"{}:*\" asks for any", name, name));
    }
    if (name != "_exists_") return ParseValue(name, depth);
    TAFFRAIL_ASSIGN_OR_RETURN(const Typed field, TakeText());
    if (field.has_wildcard) return cursor_.ErrorAt(begin, "_exists_ takes the name of one field");
    return terms_.Exists(Plain(field));
  }

  absl::StatusOr<ExprPtr> ParseValue(std::string_view name, int depth) {
    const size_t begin = cursor_.at;
    switch (cursor_.Peek()) {
      case '(':
        return ParseGroup(name, depth);
      case '[':
      case '{':
        if (!name.empty()) return ParseRange(name);
        break;
      case '<':
      case '>':
        if (!name.empty()) return ParseComparison(name);
        break;
      case '/':
        if (std::optional<std::string> pattern = TakeRegex())
          return ParseRegex(name, begin, std::move(*pattern));
        break;
      default:
        break;
    }
    TAFFRAIL_ASSIGN_OR_RETURN(const Typed value, TakeText());
    if (value.has_wildcard && value.text.find_first_not_of('*') == std::string::npos) {
      return name.empty() ? expr::True() : terms_.Exists(name);
    }
    return cursor_.Placed(terms_.Match(name, value), begin);
  }

  absl::StatusOr<ExprPtr> ParseGroup(std::string_view name, int depth) {
    const size_t begin = cursor_.at++;
    cursor_.SkipSpace();
    TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr expr, ParseOr(name, depth + 1));
    if (cursor_.Peek() != ')') return cursor_.ErrorAt(begin, "this '(' is never closed");
    ++cursor_.at;
    cursor_.SkipSpace();
    return expr;
  }

  absl::StatusOr<ExprPtr> ParseComparison(std::string_view name) {
    const char first = cursor_.text[cursor_.at++];
    const bool or_equal = cursor_.Peek() == '=';
    if (or_equal) ++cursor_.at;
    cursor_.SkipSpace();
    const size_t begin = cursor_.at;
    if (cursor_.AtEnd() || cursor_.Peek() == ')')
      return cursor_.Error("a number, time or text to compare with is missing here");
    TAFFRAIL_ASSIGN_OR_RETURN(const Typed bound, TakeText());
    const Expr::Op op = first == '<' ? (or_equal ? Expr::Op::kLessEqual : Expr::Op::kLess)
                                     : (or_equal ? Expr::Op::kGreaterEqual : Expr::Op::kGreater);
    return cursor_.Placed(terms_.Compare(name, op, bound), begin);
  }

  absl::StatusOr<ExprPtr> ParseRange(std::string_view name) {
    const size_t begin = cursor_.at;
    const bool includes_low = cursor_.text[cursor_.at++] == '[';
    cursor_.SkipSpace();
    TAFFRAIL_ASSIGN_OR_RETURN(const Typed low, TakeBound());
    if (!cursor_.TakeWord("TO"))
      return cursor_.Error("a range is written [low TO high], with * for no bound");
    TAFFRAIL_ASSIGN_OR_RETURN(const Typed high, TakeBound());
    const bool includes_high = cursor_.Peek() == ']';
    if (!includes_high && cursor_.Peek() != '}')
      return cursor_.ErrorAt(begin, "this range is never closed by ']' or '}'");
    ++cursor_.at;
    cursor_.SkipSpace();
    std::vector<ExprPtr> parts;
    if (!IsOpen(low)) {
      const Expr::Op op = includes_low ? Expr::Op::kGreaterEqual : Expr::Op::kGreater;
      TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr part, cursor_.Placed(terms_.Compare(name, op, low), low.offset));
      parts.push_back(std::move(part));
    }
    if (!IsOpen(high)) {
      const Expr::Op op = includes_high ? Expr::Op::kLessEqual : Expr::Op::kLess;
      TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr part, cursor_.Placed(terms_.Compare(name, op, high), high.offset));
      parts.push_back(std::move(part));
    }
    return parts.empty() ? terms_.Exists(name) : expr::And(std::move(parts));
  }

  static bool IsOpen(const Typed& bound) { return !bound.quoted && bound.text == "*"; }

  absl::StatusOr<Typed> TakeBound() {
    TAFFRAIL_ASSIGN_OR_RETURN(Typed bound, TakeText("]}"));
    if (bound.text.empty() && !bound.quoted) return cursor_.Error("a bound is missing here; * is no bound");
    return bound;
  }

  absl::StatusOr<ExprPtr> ParseRegex(std::string_view name, size_t begin, std::string pattern) {
    TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr expr, terms_.Regex(name, std::move(pattern)));
    const absl::Status status = expr::Matcher::Compile(expr).status();
    if (!status.ok()) return cursor_.ErrorAt(begin, std::string(status.message()));
    return expr;
  }

  // "/…/" up to white space: a regular expression. A path that merely begins with '/' is none.
  std::optional<std::string> TakeRegex() {
    size_t end = cursor_.at + 1;
    while (end < cursor_.text.size() && !IsSpace(cursor_.text[end]))
      end += cursor_.text[end] == '\\' && end + 1 < cursor_.text.size() ? 2 : 1;
    end = std::min(end, cursor_.text.size());
    while (end > cursor_.at + 1 && cursor_.text[end - 1] == ')') --end;  // of the group around it
    if (end <= cursor_.at + 2 || cursor_.text[end - 1] != '/' || cursor_.text[end - 2] == '\\')
      return std::nullopt;
    std::string pattern;
    for (size_t i = cursor_.at + 1; i < end - 1; ++i) {
      if (cursor_.text[i] == '\\' && i + 1 < end - 1 &&
          (cursor_.text[i + 1] == '/' || cursor_.text[i + 1] == ' '))
        ++i;
      pattern += cursor_.text[i];
    }
    cursor_.at = end;
    cursor_.SkipSpace();
    return pattern;
  }

  // A quoted phrase, or text up to white space, a parenthesis or one of `stops`.
  absl::StatusOr<Typed> TakeText(std::string_view stops = {}) {
    Typed typed;
    typed.offset = cursor_.at;
    if (cursor_.Peek() == '"') return TakeQuoted();
    while (!cursor_.AtEnd() && !IsSpace(cursor_.Peek()) && cursor_.Peek() != ')' &&
           stops.find(cursor_.Peek()) == std::string_view::npos) {
      const char c = cursor_.text[cursor_.at];
      if (c == '(') return cursor_.Error("an opening parenthesis cannot stand inside a word; quote the text");
      if (c == '"')
        return cursor_.Error("a quote cannot stand inside a word; quote the whole text, or write \\\"");
      ++cursor_.at;
      if (c == '\\' && !cursor_.AtEnd()) {
        const char escaped = cursor_.text[cursor_.at++];
        if (escaped == '*' || escaped == '?' || escaped == '\\') typed.text += '\\';
        typed.text += escaped;
        continue;
      }
      if (c == '*' || c == '?') typed.has_wildcard = true;
      if (c == '\\') typed.text += '\\';  // at the very end: itself
      typed.text += c;
    }
    if (typed.text.empty() && stops.empty()) return cursor_.Error("something to search for is missing here");
    cursor_.SkipSpace();
    return typed;
  }

  absl::StatusOr<Typed> TakeQuoted() {
    Typed typed;
    typed.quoted = true;
    typed.offset = cursor_.at++;
    while (!cursor_.AtEnd() && cursor_.text[cursor_.at] != '"') {
      if (cursor_.text[cursor_.at] == '\\' && cursor_.at + 1 < cursor_.text.size() &&
          (cursor_.text[cursor_.at + 1] == '"' || cursor_.text[cursor_.at + 1] == '\\'))
        ++cursor_.at;
      typed.text += cursor_.text[cursor_.at++];
    }
    if (cursor_.AtEnd()) return cursor_.ErrorAt(typed.offset, "this quote is never closed");
    ++cursor_.at;
    cursor_.SkipSpace();
    return typed;
  }

  Cursor& cursor_;
  const TermBuilder& terms_;
};

}  // namespace

absl::StatusOr<ExprPtr> ParseFilter(Cursor& cursor, const TermBuilder& terms) {
  return FilterParser(cursor, terms).ParseAll();
}

}  // namespace taffrail::query::lang::search
