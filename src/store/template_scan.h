// Finds the parts of a string that are likely to vary: numbers and ids.
//
//   "GET /api/v1/tasks/14180 from 10.0.3.7"     a value
//   "GET /api/v1/tasks/• from •.•.•.•"          its template: • a hole
//
// A part is a run of ASCII letters and digits, or a piece of one:
//
//   digits                    14180      a hole
//   hex digits of one case    0ddc68fe   a hole; without any digit ("beef", "added") from four letters on
//   letters                   tasks      stays in the template
//   short mixture             05T08      its digits are holes, its letters stay
//   other mixture             Ch9Xw2…    a hole
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace taffrail::store {

// What bytes a run may consist of; several or-ed together.
enum RunClass : uint8_t {
  kRunDigit = 1,
  kRunLowerHex = 2,  // a to f
  kRunUpperHex = 4,
  kRunOtherLetter = 8,
};

struct HoleSpan {
  uint32_t begin;
  uint32_t size : 24;
  uint32_t classes : 8;  // RunClass
};

// Stands for a hole in a template.
inline constexpr char kHoleMark = 0x01;

// More than these, and a value is a document rather than a sentence.
inline constexpr size_t kMaxSentenceBytes = size_t{64} << 10;
inline constexpr size_t kMaxHoles = 64;
inline constexpr size_t kMaxTemplateBytes = 4096;

// Appends the template of `value` to `text` and its holes to `holes`. False, and nothing appended, when it
// is too long, has too many holes or too much text, or the mark in it.
[[nodiscard]] bool ScanTemplate(std::string_view value, std::string& text, std::vector<HoleSpan>& holes);

}  // namespace taffrail::store
