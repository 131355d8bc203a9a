// A number that tells most strings apart, much faster than a hash: from the size, the first and the last
// eight bytes. Ids differ there; sentences that do not must be told apart by comparing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace taffrail::base {

// The first and the last eight bytes; of a shorter text as many as there are. With its size they tell a text
// of up to kEndsHoldBytes from every other.
struct TextEnds {
  uint64_t head = 0;
  uint64_t tail = 0;
  friend bool operator==(TextEnds, TextEnds) = default;
};
inline constexpr size_t kEndsHoldBytes = 16;

inline TextEnds EndsOf(std::string_view text) {
  TextEnds ends;
  const size_t size = text.size();
  if (size >= sizeof(ends.head)) {
    std::memcpy(&ends.head, text.data(), sizeof(ends.head));
    std::memcpy(&ends.tail, text.data() + size - sizeof(ends.tail), sizeof(ends.tail));
  } else if (size >= sizeof(uint32_t)) {
    uint32_t low = 0;
    uint32_t high = 0;
    std::memcpy(&low, text.data(), sizeof(low));
    std::memcpy(&high, text.data() + size - sizeof(high), sizeof(high));
    ends = {.head = low, .tail = high};
  } else if (size > 0) {
    ends.head = static_cast<uint8_t>(text.front());
    ends.tail = uint64_t{static_cast<uint8_t>(text[size / 2])} << 8 | static_cast<uint8_t>(text.back());
  }
  return ends;
}

// Well mixed in its highest bits.
inline uint64_t QuickKey(TextEnds ends, size_t size) {
  return (ends.head ^ (ends.tail * 0xff51afd7ed558ccd) ^ size) * 0x9e3779b97f4a7c15;
}
inline uint64_t QuickKey(std::string_view text) { return QuickKey(EndsOf(text), text.size()); }

// Most values are shorter than what a call of memcmp is worth.
inline bool SameBytes(const char* a, const char* b, size_t size) {
  uint64_t x = 0;
  uint64_t y = 0;
  if (size < sizeof(x)) {
    for (size_t i = 0; i < size; ++i) {
      if (a[i] != b[i]) return false;
    }
    return true;
  }
  const size_t last = size - sizeof(x);
  for (size_t i = 0; i < last; i += sizeof(x)) {
    std::memcpy(&x, a + i, sizeof(x));
    std::memcpy(&y, b + i, sizeof(y));
    if (x != y) return false;
  }
  std::memcpy(&x, a + last, sizeof(x));
  std::memcpy(&y, b + last, sizeof(y));
  return x == y;
}

}  // namespace taffrail::base
