// Percent-encoding, both ways, for baggage and SQL comments.
#pragma once

#include <string>
#include <string_view>

namespace taffrail::context {

// Bytes for which `plain(char)` is false become %XX. It must be false for '%'.
template <typename Plain>
void AppendPercentEncoded(std::string_view text, Plain plain, std::string& out) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char c : text) {
    if (plain(c)) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.append({'%', kDigits[byte >> 4], kDigits[byte & 15]});
  }
}

// What is no valid %XX stays as it is.
std::string PercentDecoded(std::string_view text);
// The text with every byte that is not part of a UTF-8 character replaced by U+FFFD.
std::string ValidUtf8(std::string_view text);

}  // namespace taffrail::context
