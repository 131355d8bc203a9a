// The small change of header parsing: names, white space, and which characters do no harm.
#pragma once

#include <algorithm>
#include <string_view>

namespace taffrail::context {

inline constexpr std::string_view kLowerHexDigits = "0123456789abcdef";

inline char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }
inline bool SameName(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return Lower(x) == Lower(y); });
}

// Optional white space (OWS) around a header's value, and around members of a list.
inline std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

inline bool IsLowerAlpha(char c) { return c >= 'a' && c <= 'z'; }
inline bool IsDigit(char c) { return c >= '0' && c <= '9'; }
inline bool IsAlphaNumeric(char c) { return IsLowerAlpha(Lower(c)) || IsDigit(c); }

// Cuts the next piece off the front of `list`; true until there is none left.
inline bool NextPiece(std::string_view& list, char separator, std::string_view& piece) {
  if (list.data() == nullptr) return false;
  const size_t end = list.find(separator);
  piece = Trim(list.substr(0, end));
  list = end == std::string_view::npos ? std::string_view() : list.substr(end + 1);
  return true;
}

// W3C allows any length for its own ids and ours are at most 36; gateways write a few ids after one another.
inline constexpr size_t kIdBytesMax = 128;

// Nothing that could end a header line, a JSON string, an SQL comment or a shell word: "--" opens a comment
// in SQL, and sqlcommenter puts ids there; "*/" cannot be, '*' is no id character.
inline bool IsGoodId(std::string_view id) {
  const auto good = [](char c) {
    return IsAlphaNumeric(c) || std::string_view("-_.:/+=@").find(c) != std::string_view::npos;
  };
  return !id.empty() && id.size() <= kIdBytesMax && std::ranges::all_of(id, good) &&
         id.find("--") == std::string_view::npos;
}

}  // namespace taffrail::context
