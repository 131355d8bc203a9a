#include "expr/required_texts.h"

#include <re2/filtered_re2.h>

#include <algorithm>
#include <bit>
#include <cstdint>

#include "expr/words.h"

namespace taffrail::expr {
namespace {

// Shorter texts are in nearly every value.
constexpr int kMinTextBytes = 3;
// RE2 tells which sets of texts suffice only when asked set by set: more texts than this, and asking costs
// more than it can save.
constexpr size_t kMaxTexts = 7;

// The longest run of ASCII: RE2 folds letters beyond it, a search here does not.
std::string AsciiPart(std::string_view text) {
  std::string_view best;
  for (size_t begin = 0; begin < text.size(); ++begin) {
    size_t end = begin;
    while (end < text.size() && static_cast<unsigned char>(text[end]) < 0x80) ++end;
    if (end - begin > best.size()) best = text.substr(begin, end - begin);
    begin = end;
  }
  std::string folded;
  AppendFolded(best, folded);
  return folded;
}

// The sets of texts, as bits, that let the expression match and of which no part does.
std::vector<uint32_t> SmallestSets(const re2::FilteredRE2& filter, size_t texts) {
  std::vector<uint32_t> sets;
  std::vector<uint32_t> all(size_t{1} << texts);
  for (uint32_t set = 0; set < all.size(); ++set) all[set] = set;
  std::stable_sort(all.begin(), all.end(),
                   [](uint32_t a, uint32_t b) { return std::popcount(a) < std::popcount(b); });
  for (const uint32_t set : all) {
    const bool larger =
        std::any_of(sets.begin(), sets.end(), [set](uint32_t smaller) { return (set & smaller) == smaller; });
    if (larger) continue;
    std::vector<int> there;
    for (size_t i = 0; i < texts; ++i) {
      if ((set >> i & 1) != 0) there.push_back(static_cast<int>(i));
    }
    std::vector<int> possible;
    filter.AllPotentials(there, &possible);
    if (!possible.empty()) sets.push_back(set);
  }
  return sets;
}

}  // namespace

RequiredTexts RequiredTextsOf(std::string_view pattern, bool ignore_case) {
  re2::FilteredRE2 filter(kMinTextBytes);
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_case_sensitive(!ignore_case);
  int id = 0;
  if (filter.Add(re2::StringPiece(pattern.data(), pattern.size()), options, &id) != re2::RE2::NoError)
    return {};
  std::vector<std::string> texts;
  filter.Compile(&texts);
  if (texts.empty() || texts.size() > kMaxTexts) return {};
  RequiredTexts required;
  for (const uint32_t set : SmallestSets(filter, texts.size())) {
    std::vector<std::string>& list = required.emplace_back();
    for (size_t i = 0; i < texts.size(); ++i) {
      if ((set >> i & 1) == 0) continue;
      std::string text = AsciiPart(texts[i]);
      if (text.size() >= kMinTextBytes) list.push_back(std::move(text));
    }
    if (list.empty()) return {};  // this way to match asks for nothing
  }
  return required;
}

}  // namespace taffrail::expr
