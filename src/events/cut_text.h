// Text cut to a number of bytes.
#pragma once

#include <cstddef>
#include <string_view>

namespace taffrail::events {

// The text's first bytes, cut between characters.
inline std::string_view CutText(std::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  size_t end = bytes_max;
  constexpr size_t kContinuationsMax = 3;  // of one character; more are not UTF-8, and are cut anywhere
  for (size_t i = 0; i < kContinuationsMax && end > 0; ++i) {
    if ((static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U) break;
    --end;
  }
  return text.substr(0, end);
}

}  // namespace taffrail::events
