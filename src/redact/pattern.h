// The form of a token: a small language that matches in one pass, without going back.
//
//   ghp_[A-Za-z0-9]{36}            literal, then 36 of a class
//   (sk|rk)_live_[a-z0-9]{10,99}   one of several literals; as many of the class as there are, 10 to 99
//   [a-f0-9]{32}-us[0-9]{1,2}      may begin with one class, when a literal follows
//   -?                             a class or a character that may be missing
//
// Every piece takes as much as it can and never gives back, so a match costs at most one look at each byte:
// no text can make it slow. A backslash takes the next character as it is. Nothing may follow that would make
// the token longer: no letter or digit, and nothing of the last class.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "redact/chars.h"

namespace taffrail::redact {

// Of a user's pattern. More than any known token needs; what a scan may cost follows from it.
inline constexpr size_t kPatternBytesMax = 512;
inline constexpr size_t kPatternRepeatMax = 20'000;
// First four bytes that a pattern may begin with: each is an entry of the prefilter.
inline constexpr size_t kGramsMax = 8192;

struct Range {
  size_t begin = 0;
  size_t end = 0;
  size_t size() const { return end - begin; }
};

class Pattern {
 public:
  // InvalidArgument says what is wrong and where.
  // `context` is what must stand before a match without being part of it: `(sonar|SONAR).login=`.
  static absl::StatusOr<Pattern> Compile(std::string_view text, std::string_view context = {});

  // The match whose anchor stands at `at`: the place where Grams() were found.
  std::optional<Range> Match(std::string_view text, size_t at) const;
  // The first four bytes from the anchor on, in every spelling.
  const std::vector<uint32_t>& grams() const { return grams_; }
  // What may stand at the four places after a gram, wherever a match may have those; everything, where it may
  // be over before. A look at these spares most calls of Match: "messagebird-" is rare, "message" is not.
  const std::array<CharSet, 4>& after_gram() const { return after_gram_; }
  // Whether a match, or what must stand before it, may hold a quote or a newline.
  bool crosses_quotes() const { return crosses_quotes_; }
  // Bytes of the literal that the match begins with.
  size_t PrefixSize(std::string_view match) const;

 private:
  struct Piece {
    std::vector<std::string> words;  // longest first; empty: a class
    CharSet set;
    uint32_t least = 1;
    uint32_t most = 1;
  };
  class Parser;

  absl::Status FindAnchor();
  class AfterGram;
  void CollectGrams(size_t piece, size_t offset, std::string& prefix, uint32_t taken);
  std::optional<Range> MatchFrom(std::string_view text, size_t at, size_t piece, size_t offset) const;

  std::vector<Piece> pieces_;
  size_t first_piece_ = 0;    // behind the context's
  size_t anchor_piece_ = 0;   // 0, or 1 when the pattern begins with a class
  size_t anchor_offset_ = 0;  // within that piece's literal
  bool crosses_quotes_ = false;
  std::vector<uint32_t> grams_;
  std::array<CharSet, 4> after_gram_;
};

}  // namespace taffrail::redact
