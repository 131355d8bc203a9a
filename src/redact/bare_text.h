// Where a value ends that stands without quotes of its own.
#pragma once

#include <cstddef>
#include <string_view>

namespace taffrail::redact {

// In a name: what is looked for stops before and behind these.
bool IsNameByte(char c);

// The end of the value that begins at `from`. `around`: a quote that was open before its name, or 0.
size_t BareEnd(std::string_view text, size_t from, char around);
// Of one that may be the rest of the line.
size_t LineEnd(std::string_view text, size_t from, char around);

}  // namespace taffrail::redact
