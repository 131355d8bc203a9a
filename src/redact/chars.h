// Classes of bytes, and small readers that every detector needs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace taffrail::redact {

constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }
constexpr bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool IsLetter(char c) { return IsUpper(c) || IsLower(c); }
constexpr bool IsAlnum(char c) { return IsLetter(c) || IsDigit(c); }
constexpr bool IsHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
constexpr bool IsBlank(char c) { return c == ' ' || c == '\t'; }
constexpr bool IsSpace(char c) { return IsBlank(c) || c == '\n' || c == '\r'; }
constexpr bool IsQuote(char c) { return c == '"' || c == '\'' || c == '`'; }
constexpr char Lower(char c) { return IsUpper(c) ? static_cast<char>(c | 0x20) : c; }

// A set of bytes.
struct CharSet {
  std::array<uint64_t, 4> bits = {};

  constexpr void Add(char c) {
    const auto byte = static_cast<uint8_t>(c);
    bits[byte >> 6] |= uint64_t{1} << (byte & 63);
  }
  constexpr bool Has(char c) const {
    const auto byte = static_cast<uint8_t>(c);
    return (bits[byte >> 6] >> (byte & 63) & 1) != 0;
  }
};

// The byte at i, or NUL beyond the end.
constexpr char At(std::string_view text, size_t i) { return i < text.size() ? text[i] : '\0'; }

constexpr bool EqualsIgnoreCase(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (Lower(text[i]) != lower[i]) return false;
  }
  return true;
}

constexpr bool StartsIgnoreCase(std::string_view text, std::string_view lower) {
  return text.size() >= lower.size() && EqualsIgnoreCase(text.substr(0, lower.size()), lower);
}

constexpr size_t SkipBlanks(std::string_view text, size_t at) {
  while (at < text.size() && IsBlank(text[at])) ++at;
  return at;
}

constexpr size_t SkipSpaces(std::string_view text, size_t at) {
  while (at < text.size() && IsSpace(text[at])) ++at;
  return at;
}

}  // namespace taffrail::redact
