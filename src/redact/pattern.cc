#include "redact/pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <tuple>

namespace taffrail::redact {

class Pattern::Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  absl::StatusOr<std::vector<Piece>> Run() {
    while (at_ < text_.size()) {
      Piece piece;
      const char c = text_[at_];
      if (c == '(') {
        TAFFRAIL_RETURN_IF_ERROR(ReadGroup(piece));
      } else if (c == '[') {
        TAFFRAIL_RETURN_IF_ERROR(ReadClass(piece));
      } else {
        TAFFRAIL_RETURN_IF_ERROR(ReadLiteral(piece));
      }
      TAFFRAIL_RETURN_IF_ERROR(ReadRepeat(piece));
      pieces_.push_back(std::move(piece));
    }
    if (pieces_.empty()) return Error("is empty");
    return std::move(pieces_);
  }

 private:
  absl::Status Error(std::string_view what) const {
    return absl::InvalidArgumentError(fmt::format("pattern {} (at character {})", what, at_ + 1));
  }

  absl::Status ReadChar(char& c) {
    if (at_ < text_.size() && text_[at_] == '\\') ++at_;
    if (at_ >= text_.size()) return Error("ends too early");
    c = text_[at_++];
    return absl::OkStatus();
  }

  // Up to what begins another piece; a character with a `?` of its own is a piece of its own.
  absl::Status ReadLiteral(Piece& piece) {
    std::string word;
    while (at_ < text_.size() && text_[at_] != '(' && text_[at_] != '[') {
      if (text_[at_] == ')' || text_[at_] == ']') return Error("has a bracket that nothing opens");
      const size_t before = at_;
      char c = 0;
      TAFFRAIL_RETURN_IF_ERROR(ReadChar(c));
      if (at_ < text_.size() && text_[at_] == '?') {
        if (!word.empty()) {
          at_ = before;
          break;
        }
        piece.set.Add(c);
        return absl::OkStatus();
      }
      word += c;
    }
    piece.words.push_back(std::move(word));
    return absl::OkStatus();
  }

  absl::Status ReadGroup(Piece& piece) {
    ++at_;
    std::string word;
    while (at_ < text_.size() && text_[at_] != ')') {
      if (text_[at_] == '|') {
        ++at_;
        piece.words.push_back(std::move(word));
        word.clear();
        continue;
      }
      char c = 0;
      TAFFRAIL_RETURN_IF_ERROR(ReadChar(c));
      word += c;
    }
    if (at_ >= text_.size()) return Error("has a ( without its )");
    ++at_;
    piece.words.push_back(std::move(word));
    if (std::ranges::any_of(piece.words, [](const std::string& w) { return w.empty(); }))
      return Error("has an empty word in a group; write (a|b)?");
    // The longest first: "test_" must not hide "test_pub_".
    std::ranges::stable_sort(piece.words, [](const auto& a, const auto& b) { return a.size() > b.size(); });
    return absl::OkStatus();
  }

  absl::Status ReadClass(Piece& piece) {
    ++at_;
    const bool negated = at_ < text_.size() && text_[at_] == '^';
    if (negated) ++at_;
    CharSet set;
    while (at_ < text_.size() && text_[at_] != ']') {
      char first = 0;
      TAFFRAIL_RETURN_IF_ERROR(ReadChar(first));
      char last = first;
      if (at_ + 1 < text_.size() && text_[at_] == '-' && text_[at_ + 1] != ']') {
        ++at_;
        TAFFRAIL_RETURN_IF_ERROR(ReadChar(last));
      }
      if (static_cast<uint8_t>(last) < static_cast<uint8_t>(first))
        return Error("has a range that runs backwards");
      for (int c = static_cast<uint8_t>(first); c <= static_cast<uint8_t>(last); ++c)
        set.Add(static_cast<char>(c));
    }
    if (at_ >= text_.size()) return Error("has a [ without its ]");
    ++at_;
    if (negated) {
      for (uint64_t& word : set.bits) word = ~word;
      for (const char c : {'\0', '\n', '"', '\\'}) {  // never across a line or a JSON string's end
        const auto byte = static_cast<uint8_t>(c);
        set.bits[byte >> 6] &= ~(uint64_t{1} << (byte & 63));
      }
    }
    piece.set = set;
    return absl::OkStatus();
  }

  absl::Status ReadNumber(uint32_t& number) {
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), number);
    if (error != std::errc() || number > kPatternRepeatMax)
      return Error(fmt::format("needs a number up to {} in its {{}}", kPatternRepeatMax));
    at_ = static_cast<size_t>(end - text_.data());
    return absl::OkStatus();
  }

  absl::Status ReadRepeat(Piece& piece) {
    if (at_ < text_.size() && text_[at_] == '?') {
      ++at_;
      piece.least = 0;
      return absl::OkStatus();
    }
    if (at_ >= text_.size() || text_[at_] != '{' || !piece.words.empty()) return absl::OkStatus();
    ++at_;
    TAFFRAIL_RETURN_IF_ERROR(ReadNumber(piece.least));
    piece.most = piece.least;
    if (at_ < text_.size() && text_[at_] == ',') {
      ++at_;
      TAFFRAIL_RETURN_IF_ERROR(ReadNumber(piece.most));
    }
    if (at_ >= text_.size() || text_[at_] != '}') return Error("has a { without its }");
    ++at_;
    if (piece.most < piece.least || piece.most == 0) return Error("repeats from more to less");
    return absl::OkStatus();
  }

  std::string_view text_;
  size_t at_ = 0;
  std::vector<Piece> pieces_;
};

// Walks the ways in which a match may begin, taking every piece as short and as long as it may be.
class Pattern::AfterGram {
 public:
  explicit AfterGram(Pattern& pattern) : pattern_(pattern) {}

  // From `offset` bytes into a piece, of whose class `taken` are taken; the next byte is `at` places behind
  // the anchor.
  void Walk(size_t piece, size_t offset, size_t at, uint32_t taken) {
    if (at >= kEnd || !seen_.emplace(piece, offset, at, taken).second) return;
    if (piece == pattern_.pieces_.size()) {
      for (; at < kEnd; ++at) {
        for (int c = 0; c < 256; ++c) Add(at, static_cast<char>(c));
      }
      return;
    }
    const Piece& here = pattern_.pieces_[piece];
    if (taken >= here.least) Walk(piece + 1, 0, at, 0);
    for (const std::string& word : here.words) {
      for (size_t i = offset; i < word.size(); ++i) Add(at + i - offset, word[i]);
      Walk(piece + 1, 0, at + word.size() - offset, 0);
    }
    if (!here.words.empty() || taken == here.most) return;
    for (int c = 0; c < 256; ++c) {
      if (here.set.Has(static_cast<char>(c))) Add(at, static_cast<char>(c));
    }
    Walk(piece, 0, at + 1, taken + 1);
  }

 private:
  static constexpr size_t kGram = 4;
  static constexpr size_t kEnd = kGram + std::tuple_size_v<decltype(after_gram_)>;

  void Add(size_t at, char c) {
    if (at >= kGram && at < kEnd) pattern_.after_gram_[at - kGram].Add(c);
  }

  Pattern& pattern_;
  std::set<std::tuple<size_t, size_t, size_t, uint32_t>> seen_;
};

absl::StatusOr<Pattern> Pattern::Compile(std::string_view text, std::string_view context) {
  if (text.size() > kPatternBytesMax || context.size() > kPatternBytesMax)
    return absl::InvalidArgumentError(fmt::format("pattern is longer than {} characters", kPatternBytesMax));
  Pattern pattern;
  TAFFRAIL_ASSIGN_OR_RETURN(pattern.pieces_, Parser(text).Run());
  if (!context.empty()) {
    TAFFRAIL_ASSIGN_OR_RETURN(std::vector<Piece> before, Parser(context).Run());
    pattern.first_piece_ = before.size();
    pattern.pieces_.insert(pattern.pieces_.begin(), before.begin(), before.end());
  }
  pattern.crosses_quotes_ = std::ranges::any_of(pattern.pieces_, [](const Piece& piece) {
    const auto holds = [&](char c) {
      return piece.set.Has(c) || std::ranges::any_of(piece.words, [c](const std::string& word) {
               return word.find(c) != std::string::npos;
             });
    };
    return holds('"') || holds('\n');
  });
  TAFFRAIL_RETURN_IF_ERROR(pattern.FindAnchor());
  std::string prefix;
  pattern.CollectGrams(pattern.anchor_piece_, pattern.anchor_offset_, prefix, 0);
  AfterGram(pattern).Walk(pattern.anchor_piece_, pattern.anchor_offset_, 0, 0);
  std::ranges::sort(pattern.grams_);
  pattern.grams_.erase(std::unique(pattern.grams_.begin(), pattern.grams_.end()), pattern.grams_.end());
  if (pattern.grams_.size() > kGramsMax)
    return absl::InvalidArgumentError(
        "pattern begins too openly: give it three or four letters to begin with");
  return pattern;
}

// Candidates are looked for where a word begins, so the anchor is a place in a literal with a letter or digit
// after none, or the very beginning.
absl::Status Pattern::FindAnchor() {
  const bool open = pieces_[0].words.empty() && pieces_[0].most > 1;
  if (!open) return absl::OkStatus();
  if (pieces_.size() < 2 || pieces_[1].words.size() != 1)
    return absl::InvalidArgumentError(
        "pattern begins with a class and no literal follows: nothing to look for");
  const std::string& literal = pieces_[1].words[0];
  for (size_t i = 1; i < literal.size(); ++i) {
    if (!IsAlnum(literal[i]) || IsAlnum(literal[i - 1])) continue;
    anchor_piece_ = 1;
    anchor_offset_ = i;
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "pattern begins with a class: the literal after it needs a word, as in .live.");
}

void Pattern::CollectGrams(size_t piece, size_t offset, std::string& prefix, uint32_t taken) {
  if (grams_.size() > 4 * kGramsMax) return;
  if (prefix.size() == 4) {
    uint32_t gram = 0;
    for (size_t i = 0; i < 4; ++i) gram |= static_cast<uint32_t>(static_cast<uint8_t>(prefix[i])) << (8 * i);
    grams_.push_back(gram);
    return;
  }
  const auto with = [&](char c, auto&& next) {
    prefix.push_back(c);
    next();
    prefix.pop_back();
  };
  if (piece == pieces_.size()) {  // shorter than four bytes: anything may follow
    for (int c = 0; c < 256; ++c) with(static_cast<char>(c), [&] { CollectGrams(piece, 0, prefix, 0); });
    return;
  }
  const Piece& here = pieces_[piece];
  if (!here.words.empty()) {
    if (here.least == 0) CollectGrams(piece + 1, 0, prefix, 0);
    for (const std::string& word : here.words) {
      const std::string tail = word.substr(offset, 4 - prefix.size());
      const size_t before = prefix.size();
      prefix += tail;
      CollectGrams(piece + 1, 0, prefix, 0);
      prefix.resize(before);
    }
    return;
  }
  if (taken >= here.least) CollectGrams(piece + 1, 0, prefix, 0);
  if (taken == here.most) return;
  for (int c = 0; c < 256; ++c) {
    if (!here.set.Has(static_cast<char>(c))) continue;
    with(static_cast<char>(c), [&] { CollectGrams(piece, 0, prefix, taken + 1); });
  }
}

std::optional<Range> Pattern::MatchFrom(std::string_view text, size_t at, size_t piece, size_t offset) const {
  size_t begin = at;
  for (; piece < pieces_.size(); ++piece, offset = 0) {
    const Piece& here = pieces_[piece];
    if (piece == first_piece_) begin = at;
    if (here.words.empty()) {
      uint32_t taken = 0;
      while (taken < here.most && at < text.size() && here.set.Has(text[at])) ++taken, ++at;
      if (taken < here.least) return std::nullopt;
      continue;
    }
    const auto fits = [&](const std::string& word) {
      return text.substr(at).starts_with(std::string_view(word).substr(offset));
    };
    const auto word = std::ranges::find_if(here.words, fits);
    if (word != here.words.end()) {
      at += word->size() - offset;
    } else if (here.least != 0) {
      return std::nullopt;
    }
  }
  if (at < text.size()) {
    const Piece& last = pieces_.back();
    if (IsAlnum(text[at])) return std::nullopt;
    if (last.words.empty() && last.least > 0 && last.set.Has(text[at])) return std::nullopt;
  }
  return Range{begin, at};
}

std::optional<Range> Pattern::Match(std::string_view text, size_t at) const {
  size_t begin = at;
  if (anchor_piece_ == 1) {
    if (at < anchor_offset_) return std::nullopt;
    begin = at - anchor_offset_;
    if (!text.substr(begin).starts_with(std::string_view(pieces_[1].words[0]).substr(0, anchor_offset_)))
      return std::nullopt;
    const Piece& left = pieces_[0];
    uint32_t taken = 0;
    while (taken < left.most && begin > 0 && left.set.Has(text[begin - 1])) ++taken, --begin;
    if (taken < left.least) return std::nullopt;
    if (begin > 0 && (IsAlnum(text[begin - 1]) || left.set.Has(text[begin - 1]))) return std::nullopt;
  }
  std::optional<Range> match = MatchFrom(text, at, anchor_piece_, anchor_offset_);
  if (match.has_value() && first_piece_ == 0) match->begin = begin;
  return match;
}

size_t Pattern::PrefixSize(std::string_view match) const {
  for (const std::string& word : pieces_[first_piece_].words) {
    if (match.starts_with(word)) return word.size();
  }
  return 0;
}

}  // namespace taffrail::redact
