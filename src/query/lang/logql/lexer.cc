#include "query/lang/logql/lexer.h"

#include <charconv>

#include "base/duration.h"
#include "expr/syntax_error.h"
#include "expr/units.h"
#include "fmt/format.h"

namespace taffrail::query::lang::logql {
namespace {

// Longer ones first, where one begins another.
constexpr std::string_view kSymbols[] = {
    "|=", "|~", "|>", "!=", "!~", "!>", "=~", "==", ">=", "<=", "|", "=", ">", "<",
    "{",  "}",  "(",  ")",  ",",  "[",  "]",  "+",  "-",  "*",  "/", "%", "^", "@"};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsNameStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsNameByte(char c) { return IsNameStart(c) || IsDigit(c); }

// What may stand in a number with its unit: "1h30m", "1.5e-3", "20KiB", "10µs".
bool IsNumberByte(char c) { return IsNameByte(c) || c == '.' || static_cast<unsigned char>(c) >= 0x80; }

void AppendUtf8(uint32_t code, std::string& out) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3f));
    out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

}  // namespace

absl::Status Lexer::Error(size_t offset, std::string_view message) const {
  return expr::SyntaxError(text_, offset, message);
}

void Lexer::SkipSpaceAndComments() {
  while (at_ < text_.size()) {
    if (text_[at_] == '#') {
      while (at_ < text_.size() && text_[at_] != '\n') ++at_;
    } else if (std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) {
      ++at_;
    } else {
      return;
    }
  }
}

absl::StatusOr<Token> Lexer::Next() {
  SkipSpaceAndComments();
  Token token;
  token.offset = at_;
  if (at_ == text_.size()) return token;
  const char c = text_[at_];
  if (c == '"') return TakeString();
  if (c == '`') return TakeRawString();
  const bool negative =
      c == '-' && at_ + 1 < text_.size() && (IsDigit(text_[at_ + 1]) || text_[at_ + 1] == '.');
  if (IsDigit(c) || c == '.' || negative) return TakeNumber();
  if (IsNameStart(c)) {
    while (at_ < text_.size() && IsNameByte(text_[at_])) ++at_;
    token.type = Token::Type::kName;
    token.text = text_.substr(token.offset, at_ - token.offset);
    return token;
  }
  for (const std::string_view symbol : kSymbols) {
    if (text_.substr(at_, symbol.size()) != symbol) continue;
    at_ += symbol.size();
    token.type = Token::Type::kSymbol;
    token.text = symbol;
    return token;
  }
  return Error(at_, "this character has no meaning here; texts stand in \"quotes\" or `backticks`");
}

absl::StatusOr<Token> Lexer::TakeRawString() {
  Token token;
  token.type = Token::Type::kString;
  token.offset = at_;
  const size_t end = text_.find('`', at_ + 1);
  if (end == std::string_view::npos) return Error(at_, "this backtick is never closed");
  token.text = text_.substr(at_ + 1, end - at_ - 1);
  at_ = end + 1;
  return token;
}

absl::StatusOr<Token> Lexer::TakeString() {
  Token token;
  token.type = Token::Type::kString;
  token.offset = at_++;
  while (at_ < text_.size() && text_[at_] != '"') {
    const char c = text_[at_];
    if (c == '\n') break;
    ++at_;
    if (c == '\\') {
      TAFFRAIL_RETURN_IF_ERROR(TakeEscape(token.text));
    } else {
      token.text += c;
    }
  }
  if (at_ >= text_.size() || text_[at_] != '"') return Error(token.offset, "this quote is never closed");
  ++at_;
  return token;
}

// Go's escapes, after the backslash.
absl::Status Lexer::TakeEscape(std::string& out) {
  const size_t begin = at_ - 1;
  const char c = at_ < text_.size() ? text_[at_++] : '\0';
  const size_t simple = std::string_view("abfnrtv\\\"'").find(c);
  if (c != '\0' && simple != std::string_view::npos) {
    out += "\a\b\f\n\r\t\v\\\"'"[simple];
    return absl::OkStatus();
  }
  const size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
  uint32_t code = 0;
  const std::string_view hex = text_.substr(at_, digits);
  const auto result = std::from_chars(hex.data(), hex.data() + hex.size(), code, 16);
  if (digits == 0 || hex.size() != digits || result.ptr != hex.data() + digits || code > 0x10ffff) {
    return Error(begin, "unknown escape; in a regular expression write \\\\ or use `backticks`");
  }
  at_ += digits;
  if (c == 'x') {
    out += static_cast<char>(code);
  } else {
    AppendUtf8(code, out);
  }
  return absl::OkStatus();
}

absl::StatusOr<Token> Lexer::TakeNumber() {
  Token token;
  token.type = Token::Type::kNumber;
  token.offset = at_;
  if (text_[at_] == '-') ++at_;
  while (at_ < text_.size()) {
    const bool exponent_sign =
        (text_[at_] == '+' || text_[at_] == '-') && (text_[at_ - 1] == 'e' || text_[at_ - 1] == 'E');
    if (!IsNumberByte(text_[at_]) && !exponent_sign) break;
    ++at_;
  }
  token.text = text_.substr(token.offset, at_ - token.offset);
  if (expr::ParseQuantity(expr::Expr::Unit::kNone, token.text, token.number)) return token;
  if (const auto duration_ns = base::ParseDuration(token.text)) {
    token.unit = expr::Expr::Unit::kDuration;
    token.number = static_cast<double>(*duration_ns);
    return token;
  }
  if (expr::ParseByteSize(token.text, token.number)) {
    token.unit = expr::Expr::Unit::kBytes;
    return token;
  }
  return Error(token.offset, fmt::format("\"{}\" is no number, duration (1m30s) or size (20KB)", token.text));
}

}  // namespace taffrail::query::lang::logql
