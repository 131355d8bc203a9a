#include "redact/block.h"

#include "redact/chars.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace taffrail::redact {
namespace {

// Setting this bit makes an upper-case letter a lower-case one; what else it changes is caught by the exact
// check.
constexpr uint8_t kFold = 0x20;
constexpr char kAnyByte = '.';

// For each of a stem's four bytes and each nibble of a folded byte: the buckets that allow it.
struct StemTables {
  alignas(16) uint8_t low[4][16] = {};
  alignas(16) uint8_t high[4][16] = {};
};

constexpr StemTables MakeStemTables() {
  StemTables tables;
  for (const Stem& stem : kStems) {
    const auto bit = static_cast<uint8_t>(1 << stem.bucket);
    for (size_t i = 0; i < 4; ++i) {
      const auto byte = static_cast<uint8_t>(static_cast<uint8_t>(stem.text[i]) | kFold);
      for (size_t nibble = 0; nibble < 16; ++nibble) {
        const bool any = stem.text[i] == kAnyByte;
        if (any || nibble == (byte & 15)) tables.low[i][nibble] |= bit;
        if (any || nibble == byte >> 4) tables.high[i][nibble] |= bit;
      }
    }
  }
  return tables;
}
constexpr StemTables kStemTables = MakeStemTables();

constexpr uint8_t Buckets(size_t i, char c) {
  const auto byte = static_cast<uint8_t>(static_cast<uint8_t>(c) | kFold);
  return kStemTables.low[i][byte & 15] & kStemTables.high[i][byte >> 4];
}

enum ByteClass : uint8_t {
  kWord = 1,
  kDigit = 2,
  kUpper = 4,
  kGap = 8,
  kAt = 16,
  kEscape = 32,
  kPercent = 64
};

constexpr std::array<uint8_t, 256> MakeClasses() {
  std::array<uint8_t, 256> classes = {};
  for (size_t i = 0; i < 256; ++i) {
    const char c = static_cast<char>(i);
    if (IsAlnum(c)) classes[i] |= kWord;
    if (IsDigit(c)) classes[i] |= kDigit;
    if (IsUpper(c)) classes[i] |= kUpper;
    if (c == ' ' || c == '-' || c == '.' || c == '+') classes[i] |= kGap;
    if (c == '@' || c == '~') classes[i] |= kAt;
    if (c == '\\') classes[i] |= kEscape;
    if (c == '%') classes[i] |= kPercent;
  }
  return classes;
}
constexpr std::array<uint8_t, 256> kClasses = MakeClasses();

#if defined(__x86_64__)

#define TAFFRAIL_AVX2 __attribute__((target("avx2")))

TAFFRAIL_AVX2 uint64_t Bits(__m256i matches) { return static_cast<uint32_t>(_mm256_movemask_epi8(matches)); }

TAFFRAIL_AVX2 __m256i Within(__m256i bytes, char first, char last) {
  const __m256i offset = _mm256_sub_epi8(bytes, _mm256_set1_epi8(first));
  const __m256i span = _mm256_set1_epi8(static_cast<char>(last - first));
  return _mm256_cmpeq_epi8(_mm256_min_epu8(offset, span), offset);
}

TAFFRAIL_AVX2 __m256i Is(__m256i bytes, char c) { return _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(c)); }

TAFFRAIL_AVX2 __m256i Load(const char* data) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(data));
}

TAFFRAIL_AVX2 __m256i Lookup(const uint8_t (&table)[16], __m256i nibbles) {
  const __m128i half = _mm_load_si128(reinterpret_cast<const __m128i*>(table));
  return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(half), nibbles);
}

TAFFRAIL_AVX2 uint64_t Stems(const char* data) {
  const __m256i low = _mm256_set1_epi8(15);
  __m256i buckets = _mm256_set1_epi8(-1);
  for (int i = 0; i < 4; ++i) {
    const __m256i folded = _mm256_or_si256(Load(data + i), _mm256_set1_epi8(kFold));
    const __m256i by_low = Lookup(kStemTables.low[i], _mm256_and_si256(folded, low));
    const __m256i by_high = Lookup(kStemTables.high[i], _mm256_and_si256(_mm256_srli_epi16(folded, 4), low));
    buckets = _mm256_and_si256(buckets, _mm256_and_si256(by_low, by_high));
  }
  return ~Bits(_mm256_cmpeq_epi8(buckets, _mm256_setzero_si256())) & 0xffffffff;
}

TAFFRAIL_AVX2 void FillBlockAvx2(const char* data, Block& block) {
  block = {};
  for (int shift = 0; shift < 64; shift += 32) {
    const __m256i bytes = Load(data + shift);
    const __m256i digit = Within(bytes, '0', '9');
    const __m256i letter = Within(_mm256_or_si256(bytes, _mm256_set1_epi8(kFold)), 'a', 'z');
    const __m256i gap = _mm256_or_si256(_mm256_or_si256(Is(bytes, ' '), Is(bytes, '-')),
                                        _mm256_or_si256(Is(bytes, '.'), Is(bytes, '+')));
    block.word |= Bits(_mm256_or_si256(digit, letter)) << shift;
    block.digit |= Bits(digit) << shift;
    block.upper |= Bits(Within(bytes, 'A', 'Z')) << shift;
    block.gap |= Bits(gap) << shift;
    block.at |= Bits(_mm256_or_si256(Is(bytes, '@'), Is(bytes, '~'))) << shift;
    block.escape |= Bits(Is(bytes, '\\')) << shift;
    block.percent |= Bits(Is(bytes, '%')) << shift;
    block.stem |= Stems(data + shift) << shift;
  }
}

#define TAFFRAIL_AVX512 __attribute__((target("avx512f,avx512bw")))

TAFFRAIL_AVX512 __mmask64 Within(__m512i bytes, char first, char last) {
  const __m512i offset = _mm512_sub_epi8(bytes, _mm512_set1_epi8(first));
  return _mm512_cmple_epu8_mask(offset, _mm512_set1_epi8(static_cast<char>(last - first)));
}

TAFFRAIL_AVX512 __mmask64 Is(__m512i bytes, char c) {
  return _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(c));
}

TAFFRAIL_AVX512 __m512i Lookup512(const uint8_t (&table)[16], __m512i nibbles) {
  const __m128i quarter = _mm_load_si128(reinterpret_cast<const __m128i*>(table));
  return _mm512_shuffle_epi8(_mm512_maskz_broadcast_i32x4(0xffff, quarter), nibbles);
}

// The same as above on 64 bytes at once, where comparing gives the bits themselves: half the instructions.
TAFFRAIL_AVX512 void FillBlockAvx512(const char* data, Block& block) {
  const __m512i bytes = _mm512_loadu_si512(data);
  const __m512i fold = _mm512_set1_epi8(kFold);
  const __mmask64 digit = Within(bytes, '0', '9');
  block.digit = digit;
  block.word = digit | Within(_mm512_or_si512(bytes, fold), 'a', 'z');
  block.upper = Within(bytes, 'A', 'Z');
  block.gap = Is(bytes, ' ') | Is(bytes, '-') | Is(bytes, '.') | Is(bytes, '+');
  block.at = Is(bytes, '@') | Is(bytes, '~');
  block.escape = Is(bytes, '\\');
  block.percent = Is(bytes, '%');
  const __m512i low = _mm512_set1_epi8(15);
  __m512i buckets = _mm512_set1_epi8(-1);
  for (int i = 0; i < 4; ++i) {
    const __m512i folded = _mm512_or_si512(_mm512_loadu_si512(data + i), fold);
    const __m512i by_low = Lookup512(kStemTables.low[i], _mm512_and_si512(folded, low));
    const __m512i by_high =
        Lookup512(kStemTables.high[i], _mm512_and_si512(_mm512_srli_epi16(folded, 4), low));
    buckets = _mm512_and_si512(buckets, _mm512_and_si512(by_low, by_high));
  }
  block.stem = _mm512_test_epi8_mask(buckets, buckets);
}

#endif

}  // namespace

void FillBlockPortable(const char* data, Block& block) {
  block = {};
  for (size_t i = 0; i < kBlockBytes; ++i) {
    const uint8_t classes = kClasses[static_cast<uint8_t>(data[i])];
    const auto bit = [&](uint8_t mask) { return uint64_t{(classes & mask) != 0} << i; };
    block.word |= bit(kWord);
    block.digit |= bit(kDigit);
    block.upper |= bit(kUpper);
    block.gap |= bit(kGap);
    block.at |= bit(kAt);
    block.escape |= bit(kEscape);
    block.percent |= bit(kPercent);
    const int buckets =
        Buckets(0, data[i]) & Buckets(1, data[i + 1]) & Buckets(2, data[i + 2]) & Buckets(3, data[i + 3]);
    block.stem |= uint64_t{buckets != 0} << i;
  }
}

FillBlock ChooseFillBlock() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512bw")) return FillBlockAvx512;
  if (__builtin_cpu_supports("avx2")) return FillBlockAvx2;
#endif
  return FillBlockPortable;
}

}  // namespace taffrail::redact
