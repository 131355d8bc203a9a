#include "store/template_scan.h"

#include <array>

namespace taffrail::store {
namespace {

constexpr uint8_t kMark = 16;  // beside the RunClass values

constexpr std::array<uint8_t, 256> kClasses = [] {
  std::array<uint8_t, 256> classes{};
  for (int c = '0'; c <= '9'; ++c) classes[static_cast<size_t>(c)] = kRunDigit;
  for (int c = 'a'; c <= 'z'; ++c)
    classes[static_cast<size_t>(c)] = c <= 'f' ? kRunLowerHex : kRunOtherLetter;
  for (int c = 'A'; c <= 'Z'; ++c)
    classes[static_cast<size_t>(c)] = c <= 'F' ? kRunUpperHex : kRunOtherLetter;
  classes[static_cast<size_t>(kHoleMark)] = kMark;
  return classes;
}();

uint8_t ClassOf(char c) { return kClasses[static_cast<uint8_t>(c)]; }

class Scanner {
 public:
  Scanner(std::string_view value, std::string& text, std::vector<HoleSpan>& holes)
      : value_(value), text_(text), holes_(holes), max_holes_(holes.size() + kMaxHoles) {}

  bool Run() {
    size_t at = 0;
    while (at < value_.size()) {
      uint8_t seen = ClassOf(value_[at]);
      if (seen == 0) {
        ++at;
        continue;
      }
      if (seen == kMark) return false;
      const size_t begin = at++;
      size_t changes = 0;  // between digits and letters
      bool digit = seen == kRunDigit;
      for (; at < value_.size(); ++at) {
        const uint8_t c = ClassOf(value_[at]);
        if (c == 0 || c == kMark) break;
        changes += digit != (c == kRunDigit) ? 1 : 0;
        digit = c == kRunDigit;
        seen |= c;
      }
      Take(begin, at, seen, changes);
      if (holes_.size() > max_holes_) return false;
    }
    text_.append(value_.substr(literal_));
    return true;
  }

 private:
  void Take(size_t begin, size_t end, uint8_t seen, size_t changes) {
    constexpr size_t kMinLetters = 4;  // of a hex number without a digit
    constexpr size_t kShortMixture = 8;
    constexpr size_t kFewChanges = 2;
    const bool one_case_hex =
        (seen & ~(kRunDigit | kRunLowerHex)) == 0 || (seen & ~(kRunDigit | kRunUpperHex)) == 0;
    if (one_case_hex) {
      if ((seen & kRunDigit) != 0 || end - begin >= kMinLetters) Hole(begin, end, seen);
      return;
    }
    if ((seen & kRunDigit) == 0) return;
    if (end - begin > kShortMixture || changes > kFewChanges) {
      Hole(begin, end, seen);
      return;
    }
    for (size_t at = begin; at < end;) {
      const size_t first = at;
      while (at < end && ClassOf(value_[at]) == kRunDigit) ++at;
      if (at > first) Hole(first, at, kRunDigit);
      while (at < end && ClassOf(value_[at]) != kRunDigit) ++at;
    }
  }

  void Hole(size_t begin, size_t end, uint8_t seen) {
    text_.append(value_.substr(literal_, begin - literal_));
    text_.push_back(kHoleMark);
    holes_.push_back({static_cast<uint32_t>(begin), static_cast<uint32_t>(end - begin), seen});
    literal_ = end;
  }

  const std::string_view value_;
  std::string& text_;
  std::vector<HoleSpan>& holes_;
  const size_t max_holes_;
  size_t literal_ = 0;  // where the text that is not yet in the template begins
};

}  // namespace

bool ScanTemplate(std::string_view value, std::string& text, std::vector<HoleSpan>& holes) {
  if (value.size() > kMaxSentenceBytes) return false;
  const size_t text_size = text.size();
  const size_t hole_count = holes.size();
  if (Scanner(value, text, holes).Run() && text.size() - text_size <= kMaxTemplateBytes) return true;
  text.resize(text_size);
  holes.resize(hole_count);
  return false;
}

}  // namespace taffrail::store
