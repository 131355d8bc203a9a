#include "query/lang/search/search.h"

#include <optional>
#include <utility>
#include <vector>

#include "expr/matcher.h"
#include "expr/syntax_error.h"
#include "fmt/format.h"
#include "query/lang/search/term.h"

namespace taffrail::query::lang::search {
namespace {

using expr::Expr;
using expr::ExprPtr;

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool IsNameByte(char c) {
  return !IsSpace(c) && c != ':' && c != '(' && c != ')' && c != '"' && c != '*' && c != '?' && c != '<' &&
         c != '>';
}

class Parser {
 public:
  Parser(std::string_view text, int64_t now_ns) : text_(text), terms_(now_ns) {}

  absl::StatusOr<ExprPtr> ParseAll() {
    SkipSpace();
    if (AtEnd()) return expr::True();
    TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr expr, ParseOr("", 1));
    if (!AtEnd()) return Error(at_, "this ')' closes nothing; quote it or remove it");
    return expr;
  }

 private:
  // Parentheses within parentheses: people write a handful; beyond it the expression could not be evaluated
  // either.
  static constexpr int kMaxDepth = expr::kMaxExprDepth / 4;

  bool AtEnd() const { return at_ >= text_.size(); }
  char Peek() const { return AtEnd() ? '\0' : text_[at_]; }
  void SkipSpace() {
    while (!AtEnd() && IsSpace(text_[at_])) ++at_;
  }
  absl::Status Error(size_t offset, std::string_view message) const {
    return expr::SyntaxError(text_, offset, message);
  }
  // Adds the place to the message of something that does not know it.
  template <typename T>
  absl::StatusOr<T> Placed(absl::StatusOr<T> result, size_t offset) const {
    if (result.ok()) return result;
    return Error(offset, std::string(result.status().message()));
  }

  // Takes `word` when it stands here as a whole word.
  bool TakeWord(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    const size_t end = at_ + word.size();
    if (end < text_.size() && !IsSpace(text_[end]) && text_[end] != '(' && text_[end] != ')') return false;
    at_ = end;
    SkipSpace();
    return true;
  }

  absl::StatusOr<ExprPtr> ParseOr(std::string_view name, int depth) {
    if (depth > kMaxDepth) return Error(at_, fmt::format("parentheses nest deeper than {}", kMaxDepth));
    std::vector<ExprPtr> parts;
    do {
      TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr part, ParseAnd(name, depth));
      parts.push_back(std::move(part));
    } while (TakeWord("OR") || TakeWord("||"));
    return expr::Or(std::move(parts));
  }

  absl::StatusOr<ExprPtr> ParseAnd(std::string_view name, int depth) {
    std::vector<ExprPtr> parts;
    do {
      if (!TakeWord("AND")) TakeWord("&&");
      if (AtEnd() || Peek() == ')') return Error(at_, "something to search for is missing here");
      TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr part, ParseNot(name, depth));
      parts.push_back(std::move(part));
      SkipSpace();
    } while (!AtEnd() && Peek() != ')' && !StandsHere("OR") && !StandsHere("||"));
    return expr::And(std::move(parts));
  }

  bool StandsHere(std::string_view word) {
    const size_t before = at_;
    const bool stands = TakeWord(word);
    at_ = before;
    return stands;
  }

  absl::StatusOr<ExprPtr> ParseNot(std::string_view name, int depth) {
    bool negated = false;
    while (true) {
      if (TakeWord("NOT")) {
        negated = !negated;
      } else if ((Peek() == '-' || Peek() == '!') && at_ + 1 < text_.size() && !IsSpace(text_[at_ + 1])) {
        ++at_;
        negated = !negated;
      } else {
        break;
      }
    }
    TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr expr, ParsePrimary(name, depth));
    return negated ? expr::Not(std::move(expr)) : expr;
  }

  absl::StatusOr<ExprPtr> ParsePrimary(std::string_view name, int depth) {
    const size_t begin = at_;
    if (StandsHere("AND") || StandsHere("OR") || StandsHere("&&") || StandsHere("||")) {
      return Error(begin,
                   "something to search for is missing before this; to search for the word itself, quote it");
    }
    if (name.empty()) {
      const std::optional<std::string> own = TakeName();
      if (own) return ParseNamed(*own, begin, depth);
    }
    return ParseValue(name, depth);
  }

  // A name and its ':', or nothing.
  std::optional<std::string> TakeName() {
    std::string name;
    size_t i = at_;
    while (i < text_.size() && IsNameByte(text_[i])) {
      if (text_[i] == '\\' && i + 1 < text_.size()) ++i;
      name += text_[i++];
    }
    if (i >= text_.size() || text_[i] != ':' || name.empty()) return std::nullopt;
    at_ = i + 1;
    return name;
  }

  absl::StatusOr<ExprPtr> ParseNamed(const std::string& name, size_t begin, int depth) {
    SkipSpace();
    if (AtEnd() || Peek() == ')') {
      return Error(at_, fmt::format("a value is missing after \"{}:\"; \"{}:*\" asks for any", name, name));
    }
    if (name != "_exists_") return ParseValue(name, depth);
    TAFFRAIL_ASSIGN_OR_RETURN(const Typed field, TakeText());
    if (field.has_wildcard) return Error(begin, "_exists_ takes the name of one field");
    return terms_.Exists(Plain(field));
  }

  absl::StatusOr<ExprPtr> ParseValue(std::string_view name, int depth) {
    const size_t begin = at_;
    switch (Peek()) {
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
    return Placed(terms_.Match(name, value), begin);
  }

  absl::StatusOr<ExprPtr> ParseGroup(std::string_view name, int depth) {
    const size_t begin = at_++;
    SkipSpace();
    TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr expr, ParseOr(name, depth + 1));
    if (Peek() != ')') return Error(begin, "this '(' is never closed");
    ++at_;
    SkipSpace();
    return expr;
  }

  absl::StatusOr<ExprPtr> ParseComparison(std::string_view name) {
    const char first = text_[at_++];
    const bool or_equal = Peek() == '=';
    if (or_equal) ++at_;
    SkipSpace();
    const size_t begin = at_;
    if (AtEnd() || Peek() == ')') return Error(at_, "a number, time or text to compare with is missing here");
    TAFFRAIL_ASSIGN_OR_RETURN(const Typed bound, TakeText());
    const Expr::Op op = first == '<' ? (or_equal ? Expr::Op::kLessEqual : Expr::Op::kLess)
                                     : (or_equal ? Expr::Op::kGreaterEqual : Expr::Op::kGreater);
    return Placed(terms_.Compare(name, op, bound), begin);
  }

  absl::StatusOr<ExprPtr> ParseRange(std::string_view name) {
    const size_t begin = at_;
    const bool includes_low = text_[at_++] == '[';
    SkipSpace();
    TAFFRAIL_ASSIGN_OR_RETURN(const Typed low, TakeBound());
    if (!TakeWord("TO")) return Error(at_, "a range is written [low TO high], with * for no bound");
    TAFFRAIL_ASSIGN_OR_RETURN(const Typed high, TakeBound());
    const bool includes_high = Peek() == ']';
    if (!includes_high && Peek() != '}') return Error(begin, "this range is never closed by ']' or '}'");
    ++at_;
    SkipSpace();
    std::vector<ExprPtr> parts;
    if (!IsOpen(low)) {
      const Expr::Op op = includes_low ? Expr::Op::kGreaterEqual : Expr::Op::kGreater;
      TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr part, Placed(terms_.Compare(name, op, low), low.offset));
      parts.push_back(std::move(part));
    }
    if (!IsOpen(high)) {
      const Expr::Op op = includes_high ? Expr::Op::kLessEqual : Expr::Op::kLess;
      TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr part, Placed(terms_.Compare(name, op, high), high.offset));
      parts.push_back(std::move(part));
    }
    return parts.empty() ? terms_.Exists(name) : expr::And(std::move(parts));
  }

  static bool IsOpen(const Typed& bound) { return !bound.quoted && bound.text == "*"; }

  absl::StatusOr<Typed> TakeBound() {
    TAFFRAIL_ASSIGN_OR_RETURN(Typed bound, TakeText("]}"));
    if (bound.text.empty() && !bound.quoted) return Error(at_, "a bound is missing here; * is no bound");
    return bound;
  }

  absl::StatusOr<ExprPtr> ParseRegex(std::string_view name, size_t begin, std::string pattern) {
    TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr expr, terms_.Regex(name, std::move(pattern)));
    const absl::Status status = expr::Matcher::Compile(expr).status();
    if (!status.ok()) return Error(begin, std::string(status.message()));
    return expr;
  }

  // "/…/" up to white space: a regular expression. A path that merely begins with '/' is none.
  std::optional<std::string> TakeRegex() {
    size_t end = at_ + 1;
    while (end < text_.size() && !IsSpace(text_[end]))
      end += text_[end] == '\\' && end + 1 < text_.size() ? 2 : 1;
    end = std::min(end, text_.size());
    while (end > at_ + 1 && text_[end - 1] == ')') --end;  // of the group around it
    if (end <= at_ + 2 || text_[end - 1] != '/' || text_[end - 2] == '\\') return std::nullopt;
    std::string pattern;
    for (size_t i = at_ + 1; i < end - 1; ++i) {
      if (text_[i] == '\\' && i + 1 < end - 1 && (text_[i + 1] == '/' || text_[i + 1] == ' ')) ++i;
      pattern += text_[i];
    }
    at_ = end;
    SkipSpace();
    return pattern;
  }

  // A quoted phrase, or text up to white space, a parenthesis or one of `stops`.
  absl::StatusOr<Typed> TakeText(std::string_view stops = {}) {
    Typed typed;
    typed.offset = at_;
    if (Peek() == '"') return TakeQuoted();
    while (!AtEnd() && !IsSpace(Peek()) && Peek() != ')' && stops.find(Peek()) == std::string_view::npos) {
      const char c = text_[at_];
      if (c == '(') return Error(at_, "an opening parenthesis cannot stand inside a word; quote the text");
      if (c == '"')
        return Error(at_, "a quote cannot stand inside a word; quote the whole text, or write \\\"");
      ++at_;
      if (c == '\\' && !AtEnd()) {
        const char escaped = text_[at_++];
        if (escaped == '*' || escaped == '?' || escaped == '\\') typed.text += '\\';
        typed.text += escaped;
        continue;
      }
      if (c == '*' || c == '?') typed.has_wildcard = true;
      if (c == '\\') typed.text += '\\';  // at the very end: itself
      typed.text += c;
    }
    if (typed.text.empty() && stops.empty()) return Error(at_, "something to search for is missing here");
    SkipSpace();
    return typed;
  }

  absl::StatusOr<Typed> TakeQuoted() {
    Typed typed;
    typed.quoted = true;
    typed.offset = at_++;
    while (!AtEnd() && text_[at_] != '"') {
      if (text_[at_] == '\\' && at_ + 1 < text_.size() && (text_[at_ + 1] == '"' || text_[at_ + 1] == '\\'))
        ++at_;
      typed.text += text_[at_++];
    }
    if (AtEnd()) return Error(typed.offset, "this quote is never closed");
    ++at_;
    SkipSpace();
    return typed;
  }

  std::string_view text_;
  TermBuilder terms_;
  size_t at_ = 0;
};

}  // namespace

absl::StatusOr<plan::Plan> Parse(std::string_view text, int64_t now_ns) {
  plan::Plan plan;
  TAFFRAIL_ASSIGN_OR_RETURN(plan.source.filter, Parser(text, now_ns).ParseAll());
  return plan;
}

}  // namespace taffrail::query::lang::search
