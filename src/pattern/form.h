// The form of a line: its words with a blank between, those with a digit as <_>.
//
//   job 17 of user3 done in 5ms     ──>     job <_> of <_> done in <_>
//
// Lines of one form are always of one template (miner.h), so that a store's worth of lines is counted by
// forms first, and only the few forms there are get compared with each other.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace taffrail::pattern {

inline constexpr std::string_view kWildcard = "<_>";

inline constexpr size_t kMaxWords = 80;        // the rest of a longer line is one word
inline constexpr size_t kMaxFormBytes = 4096;  // of a line are looked at: what follows is a dump of something
inline constexpr size_t kMaxSampleBytes = 500;  // of a line kept as it was: what a person reads of it

// Appends the form of a line; nothing, of a line without words.
void AppendForm(std::string_view line, std::string& out);

// The words of a form.
std::vector<std::string_view> WordsOf(std::string_view form);

// The beginning of a text, whole characters of UTF-8.
std::string_view Beginning(std::string_view text, size_t most_bytes);

}  // namespace taffrail::pattern
