// Finds where a JSON value ends and what it is: the strict scanners under the line reader (RFC 8259).
//
// All work on [at, end) and read nothing outside it. They accept exactly what RFC 8259 does, given that the
// bytes are valid UTF-8 (checked once a line, by simdjson); json_scan_fuzz.cc holds them against simdjson's
// own parser.
#pragma once

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
const char* FindSpecial(const char* at, const char* end);

}  // namespace taffrail::record
