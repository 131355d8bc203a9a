#include "expr/text_scanner.h"

#include <charconv>
#include <cmath>

#include "expr/syntax_error.h"
#include "fmt/format.h"

namespace taffrail::expr {
namespace {

bool IsNameStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsNameByte(char c) { return IsNameStart(c) || (c >= '0' && c <= '9'); }

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Takes one escape from the front of `text`, which begins after the backslash; false when it is none of ours.
bool TakeEscape(std::string_view& text, std::string& out) {
  const char c = text.empty() ? '\0' : text[0];
  const size_t known = std::string_view("\"\\nrt").find(c);
  if (c != '\0' && known != std::string_view::npos) {
    out += "\"\\\n\r\t"[known];
    text.remove_prefix(1);
    return true;
  }
  if (c != 'x' || text.size() < 3 || HexDigit(text[1]) < 0 || HexDigit(text[2]) < 0) return false;
  out += static_cast<char>(HexDigit(text[1]) * 16 + HexDigit(text[2]));
  text.remove_prefix(3);
  return true;
}

}  // namespace

void AppendQuoted(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    const size_t known = std::string_view("\"\\\n\r\t").find(c);
    if (known != std::string_view::npos) {
      out += '\\';
      out += "\"\\nrt"[known];
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  out += '"';
}

void AppendNumber(double number, std::string& out) { fmt::format_to(std::back_inserter(out), "{}", number); }

void TextScanner::SkipSpace() {
  while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
}

bool TextScanner::Take(char c) {
  if (Peek() != c || AtEnd()) return false;
  ++at_;
  SkipSpace();
  return true;
}

std::string_view TextScanner::TakeName() {
  size_t end = at_;
  if (end < text_.size() && IsNameStart(text_[end])) {
    while (end < text_.size() && IsNameByte(text_[end])) ++end;
  }
  const std::string_view name = text_.substr(at_, end - at_);
  at_ = end;
  SkipSpace();
  return name;
}

bool TextScanner::TakeKeyword(std::string_view keyword) {
  const size_t before = at_;
  if (TakeName() == keyword) return true;
  at_ = before;
  return false;
}

absl::Status TextScanner::Expect(char c) {
  if (Take(c)) return absl::OkStatus();
  return Error(fmt::format("expected '{}'", c));
}

absl::StatusOr<std::string> TextScanner::ExpectString() {
  if (Peek() != '"') return Error("expected a text in double quotes");
  std::string_view rest = text_.substr(at_ + 1);
  std::string out;
  while (!rest.empty() && rest[0] != '"') {
    const char c = rest[0];
    rest.remove_prefix(1);
    if (c != '\\') {
      out += c;
    } else if (!TakeEscape(rest, out)) {
      return ErrorAt(text_.size() - rest.size(), "unknown escape; known are \\\" \\\\ \\n \\r \\t \\xNN");
    }
  }
  if (rest.empty()) return Error("the closing quote is missing");
  at_ = text_.size() - rest.size() + 1;
  SkipSpace();
  return out;
}

std::string_view TextScanner::TakeNumberText() {
  size_t end = at_;
  while (end < text_.size() &&
         (IsNameByte(text_[end]) || std::string_view("+-.").find(text_[end]) != std::string_view::npos)) {
    ++end;
  }
  return text_.substr(at_, end - at_);
}

absl::StatusOr<double> TextScanner::ExpectNumber() {
  const std::string_view text = TakeNumberText();
  double number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) return Error("expected a number");
  at_ += text.size();
  SkipSpace();
  return number;
}

absl::StatusOr<int64_t> TextScanner::ExpectInteger() {
  const std::string_view text = TakeNumberText();
  int64_t number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size())
    return Error("expected a whole number");
  at_ += text.size();
  SkipSpace();
  return number;
}

absl::Status TextScanner::ErrorAt(size_t offset, std::string_view message) const {
  return SyntaxError(text_, offset, message);
}

}  // namespace taffrail::expr
