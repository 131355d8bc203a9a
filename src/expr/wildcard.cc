#include "expr/wildcard.h"

#include "expr/words.h"

namespace taffrail::expr {
namespace {

// Bytes of the UTF-8 character at text[at]; a stray continuation byte counts as one character.
size_t CharacterSize(std::string_view text, size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  size_t size = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  for (size_t i = 1; i < size; ++i) {
    if (at + i >= text.size() || (static_cast<unsigned char>(text[at + i]) & 0xc0) != 0x80) return i;
  }
  return size;
}

}  // namespace

Wildcard::Wildcard(std::string_view pattern, bool ignore_case) : ignore_case_(ignore_case) {
  for (size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '*') {
      if (tokens_.empty() || tokens_.back().step != Step::kAnyRun) tokens_.push_back({Step::kAnyRun, 0});
    } else if (c == '?') {
      tokens_.push_back({Step::kAnyCharacter, 0});
    } else {
      const bool escaped = c == '\\' && i + 1 < pattern.size();
      const char byte = escaped ? pattern[++i] : c;
      tokens_.push_back({Step::kByte, ignore_case ? FoldByte(byte) : byte});
    }
  }
  std::string run;
  for (const Token& token : tokens_) {
    if (token.step != Step::kByte) run.clear();
    if (token.step == Step::kByte) run += token.byte;
    if (run.size() > longest_.size()) longest_ = run;
  }
  // A run steps over whole characters, so that it may pass over a literal that begins inside of one.
  const bool begins_a_character =
      !longest_.empty() && (static_cast<unsigned char>(longest_[0]) & 0xc0) != 0x80;
  is_substring_ = begins_a_character && tokens_.size() == longest_.size() + 2 &&
                  tokens_.front().step == Step::kAnyRun && tokens_.back().step == Step::kAnyRun;
}

bool Wildcard::Matches(std::string_view text) const {
  // Greedy with one way back: after a mismatch only the last '*' needs to take one byte more, since whatever
  // an earlier one could take, the later one can take too.
  size_t at = 0;
  size_t token = 0;
  size_t star = tokens_.size();  // index of the last kAnyRun passed
  size_t star_at = 0;            // where its run ends for now
  while (true) {
    if (token == tokens_.size()) {
      if (at == text.size()) return true;
    } else if (tokens_[token].step == Step::kAnyRun) {
      star = token++;
      star_at = at;
      continue;
    } else if (at < text.size()) {
      if (tokens_[token].step == Step::kAnyCharacter) {
        at += CharacterSize(text, at);
        ++token;
        continue;
      }
      if (tokens_[token].byte == (ignore_case_ ? FoldByte(text[at]) : text[at])) {
        ++at;
        ++token;
        continue;
      }
    }
    if (star == tokens_.size() || star_at >= text.size()) return false;
    star_at += CharacterSize(text, star_at);
    at = star_at;
    token = star + 1;
  }
}

std::string Wildcard::Escape(std::string_view text) {
  std::string pattern;
  for (const char c : text) {
    if (c == '*' || c == '?' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern;
}

}  // namespace taffrail::expr
