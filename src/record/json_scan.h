// Finds where a JSON value ends and what it is: the strict scanners under the line reader (RFC 8259).
//
// All work on [at, end) and read nothing outside it. They accept exactly what RFC 8259 does, given that the
// bytes are valid UTF-8 (checked once a line, by simdjson); json_scan_fuzz.cc holds them against simdjson's
// own parser.
#pragma once

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <cstdint>
#include <string_view>

#include "record/shape.h"

namespace taffrail::record {

// One value found in a line; text is as written, for strings without the quotes.
struct ScannedValue {
  Kind kind = Kind::kString;
  bool has_escapes = false;  // kString only: text must be unescaped
  uint8_t scale = 0;         // kDecimal
  int64_t integer = 0;       // kInteger, kDecimal (mantissa), kBool
  std::string_view text;
};

// Whether a hole may begin with this byte: a string, number, true, false or array. null and {} stay in the
// skeleton.
inline bool StartsHole(char c) {
  return c == '"' || c == '-' || (c >= '0' && c <= '9') || c == 't' || c == 'f' || c == '[';
}

// Each returns the byte after the value, or nullptr when there is no valid value at `at`.
const char* ScanHole(const char* at, const char* end, ScannedValue& value);    // REQUIRES: StartsHole(*at)
const char* ScanString(const char* at, const char* end, ScannedValue& value);  // at: after the opening quote
const char* ScanNumber(const char* at, const char* end, ScannedValue& value);
const char* SkipValue(const char* at, const char* end, int depth);  // any value, nested up to kMaxNesting
const char* SkipSpace(const char* at, const char* end);

// Containers in containers: beyond it a line counts as text. simdjson's own default; real logs stay below 50,
// and the scanner's recursion must end before the stack does.
inline constexpr int kMaxNesting = 1024;

// First byte in [at, end) that may not stand in a JSON string as it is: '"', '\\' or below 0x20; end when
// there is none.
inline const char* FindSpecial(const char* at, const char* end) {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i last_control = _mm_set1_epi8(0x1f);
  while (end - at >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, last_control), bytes);
    const __m128i found =
        _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)), control);
    const int mask = _mm_movemask_epi8(found);
    if (mask != 0) return at + __builtin_ctz(static_cast<unsigned>(mask));
    at += 16;
  }
#endif
  while (at != end && *at != '"' && *at != '\\' && static_cast<unsigned char>(*at) >= 0x20) ++at;
  return at;
}

}  // namespace taffrail::record
