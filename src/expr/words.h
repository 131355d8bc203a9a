// Words: what full-text conditions match and what the store's filters hold.
//
// A word is a maximal run of letters, digits, '_' and bytes >= 0x80 (so that UTF-8 text in any script is made of words).
// Words compare without case (ASCII folding).
//
// An id is a run of such bytes and '-' that has 8 to 128 bytes and at least one digit: request ids, UUIDs, hashes,
// addresses of users. The store's per-block filter holds the folded ids of every value, since those are what people
// look for and what names few rows; ordinary words occur in every block and would only fill the filter.
#pragma once

#include <string>
#include <string_view>

namespace taffrail::expr {

inline constexpr size_t kMinIdBytes = 8;
inline constexpr size_t kMaxIdBytes = 128;

bool IsWordByte(unsigned char byte);

// Calls f(std::string_view id) for each id of the text, folded to lower case (the view is valid during the call).
template <typename F>
void ForEachId(std::string_view text, F&& f);

// Whether the words of `phrase` (folded) occur next to each other, as whole words, in `text`: "time out" is in
// "Time-out!", not in "time is out" nor in "timeout".
class PhraseMatcher {
 public:
  explicit PhraseMatcher(std::string_view phrase);
  bool Matches(std::string_view text) const;
  bool empty() const { return words_.empty(); }  // the phrase has no word: matches nothing

 private:
  std::string words_;  // folded
};

}  // namespace taffrail::expr
