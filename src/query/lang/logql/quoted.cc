#include "query/lang/logql/quoted.h"

#include <charconv>
#include <cstdint>

namespace taffrail::query::lang::logql {
namespace {

constexpr std::string_view kNeverClosed = "this quote is never closed";
constexpr std::string_view kNewline = "a line end cannot stand in double quotes; write \\n or use backticks";
constexpr std::string_view kUnknownEscape =
    "unknown escape; known are \\\\ \\\" \\a \\b \\f \\n \\r \\t \\v \\xNN \\NNN \\uNNNN and \\UNNNNNNNN; "
    "backticks need none";

void AppendUtf8(uint32_t rune, std::string& out) {
  const auto tail = [&out, rune](int shift) { out += static_cast<char>(0x80 | (rune >> shift & 0x3f)); };
  if (rune < 0x80) {
    out += static_cast<char>(rune);
  } else if (rune < 0x800) {
    out += static_cast<char>(0xc0 | rune >> 6);
    tail(0);
  } else if (rune < 0x10000) {
    out += static_cast<char>(0xe0 | rune >> 12);
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xf0 | rune >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

// Exactly `size` digits of the base at the front of `text`.
bool ReadDigits(std::string_view text, size_t size, int base, uint32_t& value) {
  if (text.size() < size) return false;
  const auto result = std::from_chars(text.data(), text.data() + size, value, base);
  return result.ec == std::errc() && result.ptr == text.data() + size;
}

// Takes the escape whose backslash was taken; bytes taken, or 0 when it is none of Go's.
size_t TakeEscape(std::string_view text, std::string& out) {
  if (text.empty()) return 0;
  const size_t plain = std::string_view("\\\"abfnrtv").find(text[0]);
  if (plain != std::string_view::npos) {
    out += "\\\"\a\b\f\n\r\t\v"[plain];
    return 1;
  }
  uint32_t value = 0;
  if (text[0] >= '0' && text[0] <= '3') {
    if (!ReadDigits(text, 3, 8, value)) return 0;
    out += static_cast<char>(value);
    return 3;
  }
  const size_t digits = text[0] == 'x' ? 2 : text[0] == 'u' ? 4 : text[0] == 'U' ? 8 : 0;
  if (digits == 0 || !ReadDigits(text.substr(1), digits, 16, value)) return 0;
  if (text[0] == 'x') {
    out += static_cast<char>(value);
    return 1 + digits;
  }
  const bool surrogate = value >= 0xd800 && value < 0xe000;
  if (value > 0x10ffff || surrogate) return 0;
  AppendUtf8(value, out);
  return 1 + digits;
}

}  // namespace

Quoted ReadQuoted(std::string_view source, std::string& out) {
  const char quote = source[0];
  size_t at = 1;
  while (at < source.size() && source[at] != quote) {
    const char c = source[at++];
    if (quote == '"' && c == '\n') return {at - 1, kNewline};
    if (quote == '"' && c == '\\') {
      const size_t taken = TakeEscape(source.substr(at), out);
      if (taken == 0) return {at - 1, kUnknownEscape};
      at += taken;
    } else {
      out += c;
    }
  }
  if (at == source.size()) return {0, kNeverClosed};
  return {at + 1, {}};
}

}  // namespace taffrail::query::lang::logql
