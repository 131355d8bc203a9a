#include "expr/words.h"

namespace taffrail::expr {
namespace {

bool EqualFolded(std::string_view folded, std::string_view text) {
  if (folded.size() != text.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (folded[i] != FoldByte(text[i])) return false;
  }
  return true;
}

size_t SkipToWord(std::string_view text, size_t at) {
  while (at < text.size() && !IsWordByte(static_cast<unsigned char>(text[at]))) ++at;
  return at;
}

size_t WordEnd(std::string_view text, size_t at) {
  while (at < text.size() && IsWordByte(static_cast<unsigned char>(text[at]))) ++at;
  return at;
}

// Whether the words of `words` follow in `text` from the word that begins at `at`.
bool WordsFollow(std::string_view words, std::string_view text, size_t at) {
  while (true) {
    const size_t space = words.find(' ');
    const size_t end = WordEnd(text, at);
    if (!EqualFolded(words.substr(0, space), text.substr(at, end - at))) return false;
    if (space == std::string_view::npos) return true;
    words.remove_prefix(space + 1);
    at = SkipToWord(text, end);
  }
}

}  // namespace

void AppendFolded(std::string_view text, std::string& out) {
  const size_t begin = out.size();
  out.append(text);
  for (size_t i = begin; i < out.size(); ++i) out[i] = FoldByte(out[i]);
}

PhraseMatcher::PhraseMatcher(std::string_view phrase) {
  ForEachWord(phrase, [this](std::string_view word) {
    if (!words_.empty()) words_ += ' ';
    const size_t begin = words_.size();
    AppendFolded(word, words_);
    if (word.size() > longest_.size()) longest_ = words_.substr(begin);
  });
}

bool PhraseMatcher::Matches(std::string_view text) const {
  if (words_.empty()) return false;
  for (size_t at = SkipToWord(text, 0); at < text.size(); at = SkipToWord(text, WordEnd(text, at))) {
    if (FoldByte(text[at]) == words_[0] && WordsFollow(words_, text, at)) return true;
  }
  return false;
}

}  // namespace taffrail::expr
