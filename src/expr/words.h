// Words: what full-text conditions match and what the store's filters hold.
//
// A word is a maximal run of letters, digits, '_' and bytes >= 0x80 (so that UTF-8 text in any script is made
// of words). Words compare without case (ASCII folding).
//
// An id is a word of 8 to 128 bytes that has a digit and a byte no number is written with (anything but 0-9,
// e and E): request ids, hashes, the longer groups of UUIDs, names of users. The store's per-block filter
// holds the folded ids of every value of every record: of the line, of its attributes, of its stream's labels
// and of the constants of its shape, each as the plain text that AppendTextValue gives. Those are what people
// look for and what names few rows; ordinary words occur in every block and would only fill the filter, and
// numbers are told apart by their ranges.
//
// That an id is one word, and not a run with '-', makes pruning exact: whatever surrounds a word that a
// phrase asks for, the word is in the filter by itself. A UUID is found by its groups of 8 and 12.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace taffrail::expr {

inline constexpr size_t kMinIdBytes = 8;
inline constexpr size_t kMaxIdBytes = 128;

namespace internal {

enum : uint8_t { kWordByte = 1, kDigitByte = 2, kNotNumberByte = 4, kUpperByte = 8 };

constexpr std::array<uint8_t, 256> MakeByteClasses() {
  std::array<uint8_t, 256> classes{};
  for (int c = 0; c < 256; ++c) {
    const bool digit = c >= '0' && c <= '9';
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
    if (digit) classes[c] = kWordByte | kDigitByte;
    if (letter) classes[c] = kWordByte | (c == 'e' || c == 'E' ? 0 : kNotNumberByte);
    if (c >= 'A' && c <= 'Z') classes[c] |= kUpperByte;
  }
  return classes;
}
inline constexpr std::array<uint8_t, 256> kByteClasses = MakeByteClasses();

}  // namespace internal

constexpr bool IsWordByte(unsigned char byte) { return internal::kByteClasses[byte] != 0; }
constexpr char FoldByte(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

// Appends `text` in lower case (ASCII).
void AppendFolded(std::string_view text, std::string& out);

// Calls f(std::string_view word) for each word of the text, as written.
template <typename F>
void ForEachWord(std::string_view text, F&& f) {
  size_t i = 0;
  while (i < text.size()) {
    if (!IsWordByte(static_cast<unsigned char>(text[i]))) {
      ++i;
      continue;
    }
    const size_t begin = i;
    while (i < text.size() && IsWordByte(static_cast<unsigned char>(text[i]))) ++i;
    f(text.substr(begin, i - begin));
  }
}

// Calls f(std::string_view id) for each id of the text, folded to lower case (the view is valid during the
// call).
template <typename F>
void ForEachId(std::string_view text, F&& f) {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (end - at >= static_cast<ptrdiff_t>(kMinIdBytes)) {
    const char* const begin = at;
    uint8_t seen = 0;
    for (; at != end; ++at) {
      const uint8_t byte = internal::kByteClasses[static_cast<unsigned char>(*at)];
      if (byte == 0) break;
      seen |= byte;
    }
    const std::string_view word(begin, static_cast<size_t>(at - begin));
    if (at != end) ++at;
    if (word.size() < kMinIdBytes || word.size() > kMaxIdBytes) continue;
    if ((seen & internal::kDigitByte) == 0 || (seen & internal::kNotNumberByte) == 0) continue;
    if ((seen & internal::kUpperByte) == 0) {
      f(word);
      continue;
    }
    std::array<char, kMaxIdBytes> folded;
    for (size_t i = 0; i < word.size(); ++i) folded[i] = FoldByte(word[i]);
    f(std::string_view(folded.data(), word.size()));
  }
}

// Whether the words of `phrase` (folded) occur next to each other, as whole words, in `text`: "time out" is
// in "Time-out!", not in "time is out" nor in "timeout".
class PhraseMatcher {
 public:
  explicit PhraseMatcher(std::string_view phrase);
  bool Matches(std::string_view text) const;
  bool empty() const { return words_.empty(); }  // the phrase has no word: matches nothing
  // The longest word, folded: a text without it as a substring (without case) does not match.
  std::string_view longest_word() const { return longest_; }
  const std::string& words() const { return words_; }  // folded, one space between

 private:
  std::string words_;
  std::string longest_;
};

}  // namespace taffrail::expr
