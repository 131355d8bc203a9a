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

// Whether some part of the pattern may ignore case: by its own flags, (?i) or (?s-i:…).
bool MayFold(std::string_view pattern) {
  for (size_t at = pattern.find("(?"); at != std::string_view::npos; at = pattern.find("(?", at + 2)) {
    const size_t end = pattern.find_first_of(":)<", at);
    if (pattern.substr(at, end - at).find('i') != std::string_view::npos) return true;
  }
  return false;
}

// The longest run that a search which folds ASCII letters alone finds wherever RE2 does: letters beyond ASCII
// are folded by RE2 too, and k and s have relatives there (K, ſ).
std::string FindablePart(std::string_view text, bool folds) {
  const auto is_findable = [folds](char c) {
    return static_cast<unsigned char>(c) < 0x80 &&
           (!folds || std::string_view("kKsS").find(c) == std::string_view::npos);
  };
  std::string_view best;
  for (size_t begin = 0; begin < text.size(); ++begin) {
    size_t end = begin;
    while (end < text.size() && is_findable(text[end])) ++end;
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
  const bool folds = ignore_case || MayFold(pattern);
  RequiredTexts required;
  for (const uint32_t set : SmallestSets(filter, texts.size())) {
    std::vector<std::string>& list = required.emplace_back();
    for (size_t i = 0; i < texts.size(); ++i) {
      if ((set >> i & 1) == 0) continue;
      std::string text = FindablePart(texts[i], folds);
      if (text.size() >= kMinTextBytes) list.push_back(std::move(text));
    }
    if (list.empty()) return {};  // this way to match asks for nothing
  }
  return required;
}

}  // namespace taffrail::expr
