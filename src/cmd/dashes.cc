#include "cmd/dashes.h"

#include <string_view>
#include <utility>

namespace taffrail::cmd {
namespace {

constexpr char kMark = '\0';  // cannot be in a real argument

// A search term that is denied: one dash, then something no option has in its name.
bool IsDeniedTerm(std::string_view word) {
  return word.size() > 2 && word[0] == '-' && word[1] != '-' &&
         word.find_first_of(": \"(*") != std::string_view::npos;
}

}  // namespace

std::vector<std::string> MarkDashes(std::vector<std::string> words) {
  std::vector<std::string> marked;
  bool only_words = false;
  for (std::string& word : words) {
    if (!only_words && word == "--") {
      only_words = true;
      continue;
    }
    if ((only_words && word.size() > 1 && word[0] == '-') || IsDeniedTerm(word)) word.insert(0, 1, kMark);
    marked.push_back(std::move(word));
  }
  return marked;
}

std::string Unmarked(std::string word) {
  if (!word.empty() && word.front() == kMark) word.erase(0, 1);
  return word;
}

}  // namespace taffrail::cmd
