#include "events/sql_tokens.h"

#include <algorithm>

namespace taffrail::events {
namespace {

constexpr size_t kQuotedNameBytesMax = 130;  // twice PostgreSQL's limit, with the quotes; longer is a value

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r') || c == '\0'; }
char ToUpper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

}  // namespace

bool IsSqlNameStart(char c) {
  return (ToUpper(c) >= 'A' && ToUpper(c) <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool IsSqlName(char c) { return IsSqlNameStart(c) || IsDigit(c) || c == '$'; }

bool IsSqlWord(std::string_view word, std::string_view upper) {
  return std::ranges::equal(word, upper, {}, ToUpper);
}

// To the end of a line, or of nested /* */; one that does not end takes the rest.
bool SqlTokens::SkipComment() {
  if (rest_.starts_with("--")) {
    rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
    return true;
  }
  if (!rest_.starts_with("/*")) return false;
  int depth = 0;
  do {
    if (rest_.starts_with("/*")) {
      ++depth;
      rest_.remove_prefix(2);
    } else if (rest_.starts_with("*/")) {
      --depth;
      rest_.remove_prefix(2);
    } else {
      rest_.remove_prefix(1);
    }
  } while (depth > 0 && !rest_.empty());
  return true;
}

bool SqlTokens::SkipSpace() {
  bool skipped = false;
  while (!rest_.empty()) {
    if (IsSpace(rest_.front())) {
      rest_.remove_prefix(1);
    } else if (!SkipComment()) {
      break;
    }
    skipped = true;
  }
  return skipped;
}

SqlToken SqlTokens::Take(SqlTokenKind kind, size_t size) {
  const SqlToken token{.kind = kind, .text = rest_.substr(0, size)};
  rest_.remove_prefix(token.text.size());
  return token;
}

// From the opening quote at `at` to behind the closing one; a doubled quote is part of the text.
size_t SqlTokens::QuotedSize(size_t at, char quote, bool backslashes) const {
  size_t i = at + 1;
  for (; i < rest_.size(); ++i) {
    if (backslashes && rest_[i] == '\\') {
      ++i;
    } else if (rest_[i] == quote) {
      if (i + 1 == rest_.size() || rest_[i + 1] != quote) return i + 1;
      ++i;
    }
  }
  return rest_.size();
}

// $tag$ … $tag$; zero when this is no such thing.
size_t SqlTokens::DollarQuotedSize() const {
  size_t tag_end = 1;
  while (tag_end < rest_.size() && rest_[tag_end] != '$' && IsSqlName(rest_[tag_end])) ++tag_end;
  if (tag_end >= rest_.size() || rest_[tag_end] != '$' || IsDigit(rest_[1])) return 0;
  const std::string_view tag = rest_.substr(0, tag_end + 1);
  const size_t end = rest_.find(tag, tag.size());
  return end == std::string_view::npos ? rest_.size() : end + tag.size();
}

// E'…', X'…', N'…', B'…', U&'…'; zero when this is no such thing.
size_t SqlTokens::PrefixedStringSize() const {
  const size_t quote = rest_.starts_with("U&'") || rest_.starts_with("u&'") ? 2 : 1;
  if (rest_.size() <= quote || rest_[quote] != '\'') return 0;
  constexpr std::string_view kPrefixes = "EXNBU";
  const char prefix = ToUpper(rest_.front());
  if (kPrefixes.find(prefix) == std::string_view::npos || (prefix == 'U') != (quote == 2)) return 0;
  return QuotedSize(quote, '\'', prefix == 'E');
}

// 12, 1.5, .5e-3, 0xFF. What cannot belong to a number but sticks to it, as in 12abc, goes with it.
size_t SqlTokens::NumberSize() const {
  size_t i = 0;
  while (i < rest_.size() && (IsSqlName(rest_[i]) || rest_[i] == '.')) {
    const bool is_exponent = ToUpper(rest_[i]) == 'E' && i > 0 && !rest_.starts_with("0x");
    ++i;
    if (is_exponent && i < rest_.size() && (rest_[i] == '-' || rest_[i] == '+')) ++i;
  }
  return i;
}

bool SqlTokens::ReadValue(SqlToken& token) {
  const char c = rest_.front();
  const char next = rest_.size() > 1 ? rest_[1] : '\0';
  size_t size = 0;
  if (c == '\'') {
    size = QuotedSize(0, '\'', false);
  } else if (IsSqlNameStart(c)) {
    size = PrefixedStringSize();
  } else if (IsDigit(c) || (c == '.' && IsDigit(next))) {
    size = NumberSize();
  } else if (c == '$' && DollarQuotedSize() != 0) {
    size = DollarQuotedSize();
  } else if (c == '?' || ((c == ':' || c == '@' || c == '$') && IsSqlName(next))) {
    size = 1;
    while (size < rest_.size() && IsSqlName(rest_[size])) ++size;
  }
  if (size == 0) return false;
  token = Take(SqlTokenKind::kValue, size);
  return true;
}

bool SqlTokens::Next(SqlToken& token) {
  const bool after_space = SkipSpace();
  if (rest_.empty()) return false;
  const char c = rest_.front();
  if (!ReadValue(token)) {
    if (IsSqlNameStart(c)) {
      const auto end = std::ranges::find_if_not(rest_, IsSqlName);
      token = Take(SqlTokenKind::kWord, static_cast<size_t>(end - rest_.begin()));
    } else if (c == '"' || c == '`') {
      const size_t size = QuotedSize(0, c, false);
      const bool is_name = size > 2 && rest_[size - 1] == c && size <= kQuotedNameBytesMax;
      token = Take(is_name ? SqlTokenKind::kQuoted : SqlTokenKind::kValue, size);
    } else {
      token = Take(SqlTokenKind::kMark, rest_.starts_with("::") ? 2 : 1);
    }
  }
  token.after_space = after_space;
  return true;
}

}  // namespace taffrail::events
