#include "expr/substring.h"

#include <bit>
#include <cstdint>
#include <cstring>

#include "expr/words.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace taffrail::expr {
namespace {

bool EqualAt(const char* text, std::string_view needle) {
  return std::memcmp(text, needle.data(), needle.size()) == 0;
}

bool EqualFoldedAt(const char* text, std::string_view folded) {
  for (size_t i = 0; i < folded.size(); ++i) {
    if (FoldByte(text[i]) != folded[i]) return false;
  }
  return true;
}

char UpperByte(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c; }

#if defined(__SSE2__)

// 16 positions at a time: those where both the first and the last byte of the needle stand are compared in
// full. Two bytes of a needle at once are rare enough in logs that the comparison hardly ever runs in vain.
template <bool kFold>
class Probe {
 public:
  explicit Probe(std::string_view needle)
      : first_(_mm_set1_epi8(needle.front())), last_(_mm_set1_epi8(needle.back())) {
    if constexpr (kFold) {
      first_upper_ = _mm_set1_epi8(UpperByte(needle.front()));
      last_upper_ = _mm_set1_epi8(UpperByte(needle.back()));
    }
  }
  // Bit i: the needle may begin at at[i]. Reads at[0, 16) and at[distance, distance + 16).
  unsigned Candidates(const char* at, size_t distance) const {
    const __m128i front = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i back = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + distance));
    __m128i front_equal = _mm_cmpeq_epi8(front, first_);
    __m128i back_equal = _mm_cmpeq_epi8(back, last_);
    if constexpr (kFold) {
      front_equal = _mm_or_si128(front_equal, _mm_cmpeq_epi8(front, first_upper_));
      back_equal = _mm_or_si128(back_equal, _mm_cmpeq_epi8(back, last_upper_));
    }
    return static_cast<unsigned>(_mm_movemask_epi8(_mm_and_si128(front_equal, back_equal)));
  }

 private:
  __m128i first_, last_, first_upper_{}, last_upper_{};
};

template <bool kFold>
size_t SearchBlocks(std::string_view text, std::string_view needle, size_t& from) {
  const Probe<kFold> probe(needle);
  const size_t distance = needle.size() - 1;
  for (; from + distance + 16 <= text.size(); from += 16) {
    const char* at = text.data() + from;
    for (unsigned mask = probe.Candidates(at, distance); mask != 0; mask &= mask - 1) {
      const char* candidate = at + std::countr_zero(mask);
      if (kFold ? EqualFoldedAt(candidate, needle) : EqualAt(candidate, needle)) {
        return static_cast<size_t>(candidate - text.data());
      }
    }
  }
  return std::string_view::npos;
}

#else

template <bool kFold>
size_t SearchBlocks(std::string_view, std::string_view, size_t&) {
  return std::string_view::npos;
}

#endif

template <bool kFold>
size_t Search(std::string_view text, std::string_view needle, size_t from) {
  if (needle.empty()) return from <= text.size() ? from : std::string_view::npos;
  const size_t hit = SearchBlocks<kFold>(text, needle, from);
  if (hit != std::string_view::npos) return hit;
  for (; from + needle.size() <= text.size(); ++from) {
    if (kFold ? EqualFoldedAt(text.data() + from, needle) : EqualAt(text.data() + from, needle)) return from;
  }
  return std::string_view::npos;
}

}  // namespace

size_t FindSubstring(std::string_view text, std::string_view needle, size_t from) {
  return Search<false>(text, needle, from);
}

size_t FindFolded(std::string_view text, std::string_view folded_needle, size_t from) {
  return Search<true>(text, folded_needle, from);
}

void FindInValues(const record::StringData& values, std::string_view needle, bool ignore_case, Bits& hits) {
  if (needle.empty()) {
    hits.Reset(values.size(), true);
    return;
  }
  const std::string_view text = values.raw_bytes();
  const std::vector<uint32_t>& ends = values.raw_ends();
  size_t value = 0;
  size_t from = 0;
  while (true) {
    const size_t hit = ignore_case ? FindFolded(text, needle, from) : FindSubstring(text, needle, from);
    if (hit == std::string_view::npos) return;
    while (ends[value] <= hit) ++value;
    if (hit + needle.size() <= ends[value]) {
      hits.Set(value);
      from = ends[value];
    } else {
      from = hit + 1;  // it begins in one value and ends in another
    }
  }
}

}  // namespace taffrail::expr
