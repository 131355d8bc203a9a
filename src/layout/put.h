// What a line is made of most, written with whole vectors. Everything here may store up to OutBuffer::kSlack
// bytes behind what it writes, and reads nothing outside of what it is given, unless it says so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace taffrail::layout {

// What may be read behind a literal's end.
inline constexpr size_t kLiteralPadding = 32;

inline char* PutLiteral(const char* from, size_t size, char* to) {
  for (size_t i = 0; i < size; i += kLiteralPadding) std::memcpy(to + i, from + i, kLiteralPadding);
  return to + size;
}

// A byte that does not stand for itself in a JSON string, or may not: controls, quote, backslash, and all
// beyond ASCII, which must be checked first.
constexpr bool IsSpecial(char c) {
  const auto byte = static_cast<uint8_t>(c);
  return byte < 0x20 || byte >= 0x80 || c == '"' || c == '\\';
}

#if defined(__SSE2__)

// A bit for each special byte.
inline unsigned SpecialBits(__m128i bytes) {
  // Signed: bytes from 0x80 on are negative, so that one comparison finds both them and the controls.
  const __m128i low = _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20));
  const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  const __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(low, _mm_or_si128(quote, backslash))));
}

template <typename Word>
Word LoadWord(const char* at) {
  Word word;
  std::memcpy(&word, at, sizeof(word));
  return word;
}

// Below 16 bytes: two loads that overlap, or three bytes that may be the same.
inline bool CopyShort(const char* from, size_t size, char* to) {
  if (size >= 8) {
    const auto first = LoadWord<uint64_t>(from);
    const auto last = LoadWord<uint64_t>(from + size - 8);
    std::memcpy(to, &first, 8);
    std::memcpy(to + size - 8, &last, 8);
    return SpecialBits(_mm_set_epi64x(static_cast<int64_t>(last), static_cast<int64_t>(first))) == 0;
  }
  uint64_t word = 0;
  if (size >= 4) {
    const auto first = LoadWord<uint32_t>(from);
    const auto last = LoadWord<uint32_t>(from + size - 4);
    std::memcpy(to, &first, 4);
    std::memcpy(to + size - 4, &last, 4);
    word = first | static_cast<uint64_t>(last) << 32;
    return (SpecialBits(_mm_cvtsi64_si128(static_cast<int64_t>(word))) & 0xFF) == 0;
  }
  for (size_t i = 0; i < size; ++i) {
    if (IsSpecial(from[i])) return false;
    to[i] = from[i];
  }
  return true;
}

// Copies text that stands for itself in a JSON string; false when a byte of it may not, and then what was
// written is to be thrown away.
inline bool CopyPlain(const char* from, size_t size, char* to) {
  if (size < 16) return CopyShort(from, size, to);
  const auto copy = [&](size_t i) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i), bytes);
    return SpecialBits(bytes) == 0;
  };
  for (size_t i = 0; i + 16 < size; i += 16) {
    if (!copy(i)) return false;
  }
  return copy(size - 16);  // overlaps the one before
}

#else

inline bool CopyPlain(const char* from, size_t size, char* to) {
  for (size_t i = 0; i < size; ++i) {
    if (IsSpecial(from[i])) return false;
    to[i] = from[i];
  }
  return true;
}

#endif

}  // namespace taffrail::layout
