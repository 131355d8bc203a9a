#include "query/lang/insights/lexer.h"

#include <re2/re2.h>

#include <algorithm>

#include "expr/syntax_error.h"
#include "fmt/format.h"

namespace taffrail::query::lang::insights {
namespace {

// Each is compiled to see whether it is one, and again to run: who writes queries has a handful.
constexpr int kMaxRegexes = 64;
constexpr size_t kMaxRegexBytes = 16384;

// Paths in lines are far shorter; each part of a name is looked for among the names there are.
constexpr size_t kMaxNameBytes = 1024;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsNamePart(char c) { return IsLetter(c) || IsDigit(c) || c == '@'; }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// RE2 of this age knows named groups as (?P<name>…) only.
std::string WithNamedGroups(std::string_view pattern) {
  std::string out;
  bool in_class = false;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\' && i + 1 < pattern.size()) {
      out += c;
      out += pattern[++i];
      continue;
    }
    if (c == '[') in_class = true;
    if (c == ']') in_class = false;
    out += c;
    const std::string_view rest = pattern.substr(i);
    const bool named =
        !in_class && rest.starts_with("(?<") && !rest.starts_with("(?<=") && !rest.starts_with("(?<!");
    if (named) {
      out += "?P";
      ++i;  // the '?'
    }
  }
  return out;
}

}  // namespace

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return Lower(x) == Lower(y); });
}

absl::Status Lexer::ErrorAt(size_t offset, std::string_view message) const {
  return expr::SyntaxError(text_, offset, message);
}

std::string Lexer::Shown() const {
  if (AtEnd()) return "the end of the query";
  return fmt::format("\"{}\"", text_.substr(token_.begin, std::min<size_t>(token_.end - token_.begin, 40)));
}

bool Lexer::AtWord(std::string_view word) const {
  return token_.kind == Token::Kind::kName && !token_.quoted && token_.path.empty() &&
         EqualsIgnoringCase(token_.text, word);
}

void Lexer::SkipSpace() {
  for (;;) {
    const char c = Peek();
    if (at_ < text_.size() && (c == ' ' || c == '\t' || c == '\n' || c == '\r')) {
      ++at_;
    } else if (c == '#') {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else {
      return;
    }
  }
}

absl::Status Lexer::Advance() {
  last_end_ = token_.end;
  SkipSpace();
  token_ = {};
  token_.begin = at_;
  const char c = Peek();
  absl::Status status;
  if (at_ < text_.size()) {
    if (c == '"' || c == '\'') {
      status = ReadText(c);
    } else if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)))) {
      ReadNumber();
    } else if (IsNamePart(c) || c == '`') {
      status = ReadName();
    } else {
      status = ReadSymbol();
    }
  }
  token_.end = at_;
  return status;
}

absl::Status Lexer::ReadText(char quote) {
  token_.kind = Token::Kind::kText;
  for (++at_; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == quote) {
      ++at_;
      return absl::OkStatus();
    }
    if (c != '\\' || at_ + 1 == text_.size()) {
      token_.text += c;
      continue;
    }
    const char next = text_[++at_];
    if (next == 'n') {
      token_.text += '\n';
    } else if (next == 't') {
      token_.text += '\t';
    } else {
      if (next != '"' && next != '\'' && next != '\\') token_.text += '\\';  // of a pattern, such as \d
      token_.text += next;
    }
  }
  return ErrorAt(token_.begin, "this quote is never closed");
}

absl::Status Lexer::ReadBackticks() {
  const size_t close = text_.find('`', at_ + 1);
  if (close == std::string_view::npos) return ErrorAt(at_, "this backtick is never closed");
  if (close == at_ + 1) return ErrorAt(at_, "expected a name between the backticks");
  (token_.path.empty() ? token_.text : token_.path) += text_.substr(at_ + 1, close - at_ - 1);
  token_.quoted = true;
  at_ = close + 1;
  return absl::OkStatus();
}

// [0]
absl::Status Lexer::ReadIndex() {
  const size_t begin = at_;
  size_t end = at_ + 1;
  while (end < text_.size() && IsDigit(text_[end])) ++end;
  if (end == at_ + 1 || end - at_ > 10 || end == text_.size() || text_[end] != ']') {
    return ErrorAt(begin, "expected the place of an element, such as [0]");
  }
  token_.path += text_.substr(at_, end + 1 - at_);
  at_ = end + 1;
  return absl::OkStatus();
}

// parts between dots, each plain or in backticks, with [0] behind any
absl::Status Lexer::ReadName() {
  token_.kind = Token::Kind::kName;
  for (;;) {
    if (Peek() == '`') {
      TAFFRAIL_RETURN_IF_ERROR(ReadBackticks());
    } else {
      const size_t begin = at_;
      while (IsNamePart(Peek())) ++at_;
      (token_.path.empty() ? token_.text : token_.path) += text_.substr(begin, at_ - begin);
    }
    while (Peek() == '[' && IsDigit(Peek(1))) TAFFRAIL_RETURN_IF_ERROR(ReadIndex());
    if (token_.text.size() + token_.path.size() > kMaxNameBytes) {
      return ErrorAt(token_.begin, fmt::format("this name is longer than {} bytes", kMaxNameBytes));
    }
    if (Peek() != '.' || !(IsNamePart(Peek(1)) || Peek(1) == '`')) return absl::OkStatus();
    (token_.path.empty() ? token_.text : token_.path) += '.';
    ++at_;
  }
}

void Lexer::ReadNumber() {
  token_.kind = Token::Kind::kNumber;
  const size_t begin = at_;
  while (IsDigit(Peek())) ++at_;
  if (Peek() == '.' && IsDigit(Peek(1))) {
    ++at_;
    while (IsDigit(Peek())) ++at_;
  }
  const bool has_exponent = (Peek() == 'e' || Peek() == 'E') &&
                            (IsDigit(Peek(1)) || ((Peek(1) == '-' || Peek(1) == '+') && IsDigit(Peek(2))));
  if (has_exponent) {
    at_ += 2;
    while (IsDigit(Peek())) ++at_;
  } else if (IsLetter(Peek())) {
    token_.kind = Token::Kind::kPeriod;
    while (IsLetter(Peek()) || IsDigit(Peek())) ++at_;
  }
  token_.text = text_.substr(begin, at_ - begin);
  if (token_.text.starts_with('.')) token_.text.insert(0, 1, '0');
}

absl::Status Lexer::ReadSymbol() {
  token_.kind = Token::Kind::kSymbol;
  for (const std::string_view symbol : {"!=", "<=", ">=", "=~", "==", "<>", "=", "<", ">", "+", "-",
                                        "*",  "/",  "^",  "%",  "(",  ")",  "[", "]", ",", "|"}) {
    if (!text_.substr(at_).starts_with(symbol)) continue;
    token_.text = symbol == "<>" ? "!=" : symbol == "==" ? "=" : symbol;
    at_ += symbol.size();
    return absl::OkStatus();
  }
  return ErrorAt(at_, "this character means nothing here; names with other characters need backticks");
}

absl::StatusOr<std::string> Lexer::TakeRegex() {
  const size_t begin = token_.begin;
  std::string pattern;
  size_t end = begin + 1;
  for (;; ++end) {
    if (end >= text_.size()) return ErrorAt(begin, "this regular expression has no closing /");
    if (text_[end] == '/') break;
    if (text_[end] == '\\' && end + 1 < text_.size()) {
      if (text_[end + 1] != '/') pattern += '\\';
      ++end;
    }
    pattern += text_[end];
  }
  at_ = end + 1;
  std::string flags;
  for (; IsLetter(Peek()); ++at_) {
    if (Peek() != 'i' && Peek() != 'm' && Peek() != 's') {
      return ErrorAt(at_, "the flags of a regular expression are i, m and s");
    }
    flags += Peek();
  }
  pattern = (flags.empty() ? "" : "(?" + flags + ")") + WithNamedGroups(pattern);
  if (++regexes_ > kMaxRegexes) {
    return ErrorAt(begin, fmt::format("more than {} regular expressions in one query", kMaxRegexes));
  }
  if (pattern.size() > kMaxRegexBytes) {
    return ErrorAt(begin, fmt::format("this regular expression is longer than {} bytes", kMaxRegexBytes));
  }
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(8 << 20);  // as where it will run (expr/matcher.h)
  const RE2 regex(pattern, options);
  if (!regex.ok()) {
    return ErrorAt(begin, fmt::format("bad regular expression: {}", regex.error()));
  }
  token_.end = at_;
  TAFFRAIL_RETURN_IF_ERROR(Advance());
  return pattern;
}

}  // namespace taffrail::query::lang::insights
