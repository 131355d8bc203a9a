// Substring search over megabytes: the engine under kContains, kPhrase and LogQL's line filters.
#pragma once

#include <cstddef>
#include <string_view>

#include "expr/bits.h"
#include "record/batch.h"

namespace taffrail::expr {

// Offset of the first occurrence of needle in text[from, …), or npos.
size_t FindSubstring(std::string_view text, std::string_view needle, size_t from = 0);

// The same with ASCII letters folded. REQUIRES: the needle is folded (words.h).
size_t FindFolded(std::string_view text, std::string_view folded_needle, size_t from = 0);

// Sets the bits of the values that contain the needle: one search over the bytes of all values, not one for
// each.
void FindInValues(const record::StringData& values, std::string_view needle, bool ignore_case, Bits& hits);

}  // namespace taffrail::expr
