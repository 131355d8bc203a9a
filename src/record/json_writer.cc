#include "record/json_writer.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace taffrail::record {
namespace {

// From 2^53 on a double is a whole number that need not be exact. Written with all its digits it would be
// taken for an integer, and refused beyond 64 bits (by simdjson, among others): it gets an exponent.
constexpr double kExactIntegerMax = 9007199254740992.0;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// Bytes that do not simply stand for themselves: controls, quote, backslash, and all of UTF-8 beyond ASCII.
constexpr bool IsSpecial(char c) {
  const auto byte = static_cast<uint8_t>(c);
  return byte < 0x20 || byte >= 0x80 || c == '"' || c == '\\';
}

#if defined(__SSE2__)
// A bit for each special byte.
unsigned SpecialMask(__m128i bytes) {
  // Signed comparison: bytes from 0x80 are negative, so that one test finds both them and the controls.
  const __m128i below_space = _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20));
  const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  const __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(below_space, _mm_or_si128(quote, backslash))));
}

template <typename Word>
int64_t LoadWord(const char* at) {
  Word word;
  std::memcpy(&word, at, sizeof(word));
  return static_cast<int64_t>(word);
}

// Whether `size` bytes hold a special one; the two loads overlap. REQUIRES: sizeof(Word) <= size <= 2
// sizeof(Word).
template <typename Word>
bool AnySpecial(const char* at, size_t size) {
  const __m128i bytes = _mm_set_epi64x(LoadWord<Word>(at + size - sizeof(Word)), LoadWord<Word>(at));
  constexpr unsigned kLoaded = sizeof(Word) == 8 ? 0xFFFF : 0x0F0F;
  return (SpecialMask(bytes) & kLoaded) != 0;
}
#endif

// Offset of the first special byte, or `size`.
size_t FindSpecial(const char* at, size_t size) {
  size_t i = 0;
#if defined(__SSE2__)
  for (; i + 16 <= size; i += 16) {
    const unsigned mask = SpecialMask(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at + i)));
    if (mask != 0) return i + static_cast<size_t>(__builtin_ctz(mask));
  }
  const size_t rest = size - i;
  if (rest >= 8 ? !AnySpecial<uint64_t>(at + i, rest) : rest >= 4 && !AnySpecial<uint32_t>(at + i, rest))
    return size;
#endif
  while (i < size && !IsSpecial(at[i])) ++i;
  return i;
}

struct Utf8Step {
  size_t size;
  bool valid;
};

// The character at `at`, which begins with a byte >= 0x80: its length, or that of the maximal ill-formed part
// (Unicode 15 §3.9, table 3-7: the range of the second byte depends on the first, which keeps out overlong
// forms, surrogates and all beyond U+10FFFF). REQUIRES: at < end.
Utf8Step StepUtf8(const char* at, const char* end) {
  const auto lead = static_cast<uint8_t>(*at);
  if (lead < 0xC2 || lead > 0xF4) return {1, false};
  const size_t size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  const uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  for (size_t i = 1; i < size; ++i) {
    if (at + i == end) return {i, false};
    const auto byte = static_cast<uint8_t>(at[i]);
    if (byte < (i == 1 ? low : 0x80) || byte > (i == 1 ? high : 0xBF)) return {i, false};
  }
  return {size, true};
}

void AppendEscape(char c, std::string& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '"':
      out.append("\\\"", 2);
      return;
    case '\\':
      out.append("\\\\", 2);
      return;
    case '\b':
      out.append("\\b", 2);
      return;
    case '\f':
      out.append("\\f", 2);
      return;
    case '\n':
      out.append("\\n", 2);
      return;
    case '\r':
      out.append("\\r", 2);
      return;
    case '\t':
      out.append("\\t", 2);
      return;
    default: {
      const auto byte = static_cast<uint8_t>(c);
      const char escape[] = {'\\', 'u', '0', '0', kHex[byte >> 4], kHex[byte & 15]};
      out.append(escape, sizeof(escape));
    }
  }
}

struct DigitPairs {
  char text[200];
};
constexpr DigitPairs kPairs = [] {
  DigitPairs pairs{};
  for (int i = 0; i < 100; ++i) {
    pairs.text[2 * i] = static_cast<char>('0' + i / 10);
    pairs.text[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

char* PutPair(uint64_t pair, char* to) {
  std::memcpy(to, kPairs.text + 2 * pair, 2);
  return to + 2;
}

// Below 100, without leading zero.
char* PutSmall(uint64_t value, char* to) {
  if (value >= 10) return PutPair(value, to);
  *to = static_cast<char>('0' + value);
  return to + 1;
}

// The date of a day count since 1970-01-01, in the proleptic Gregorian calendar. Years are counted from
// March, so that the leap day comes last; 400 years, an era, have 146097 days.
struct Date {
  int64_t year;
  unsigned month, day;
};
constexpr Date DateOfDay(int64_t days) {
  days += 719'468;  // from 0000-03-01
  const int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const auto day_of_era = static_cast<unsigned>(days - era * 146'097);
  const unsigned year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned month_from_march = (5 * day_of_year + 2) / 153;
  const unsigned month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  return {static_cast<int64_t>(year_of_era) + era * 400 + (month <= 2), month,
          day_of_year - (153 * month_from_march + 2) / 5 + 1};
}

char* PutDigits(char* to, uint64_t value, int digits) {
  for (int i = digits - 1; i >= 0; --i, value /= 10) to[i] = static_cast<char>('0' + value % 10);
  return to + digits;
}

}  // namespace

void AppendEscaped(std::string_view text, std::string& out) {
  const char* at = text.data();
  const char* const end = at + text.size();
  const char* run = at;  // begin of what is copied as it is
  while (true) {
    at += FindSpecial(at, static_cast<size_t>(end - at));
    if (at == end) break;
    if (static_cast<uint8_t>(*at) >= 0x80) {
      const Utf8Step step = StepUtf8(at, end);
      at += step.size;
      if (step.valid) continue;
      out.append(run, static_cast<size_t>(at - run) - step.size);
      out.append(kReplacement);
    } else {
      out.append(run, static_cast<size_t>(at - run));
      AppendEscape(*at++, out);
    }
    run = at;
  }
  out.append(run, static_cast<size_t>(end - run));
}

void AppendJsonString(std::string_view text, std::string& out) {
  out.push_back('"');
  AppendEscaped(text, out);
  out.push_back('"');
}

bool IsCanonical(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (true) {
    at += FindSpecial(at, static_cast<size_t>(end - at));
    if (at == end) return true;
    if (static_cast<uint8_t>(*at) < 0x80) return false;
    const Utf8Step step = StepUtf8(at, end);
    if (!step.valid) return false;
    at += step.size;
  }
}

void AppendInt(int64_t value, std::string& out) {
  char buffer[20];  // the longest: -9223372036854775808
  out.append(buffer, PutInt(value, buffer));
}

void AppendUint(uint64_t value, std::string& out) {
  char buffer[20];
  out.append(buffer, PutUint(value, buffer));
}

void AppendDouble(double value, std::string& out) {
  char buffer[24];
  out.append(buffer, PutDouble(value, buffer));
}

void AppendRfc3339(int64_t time_ns, int fraction_digits, std::string& out) {
  char buffer[sizeof("2025-10-30T14:23:45.123456789Z")];
  out.append(buffer, PutRfc3339(time_ns, fraction_digits, buffer));
}

char* PutInt(int64_t value, char* to) {
  if (value >= 0) return PutUint(static_cast<uint64_t>(value), to);
  *to = '-';
  return PutUint(0 - static_cast<uint64_t>(value), to + 1);
}

// What logs count is mostly small: below 10000 two table look-ups, and nothing to loop over.
char* PutUint(uint64_t value, char* to) {
  if (value < 100) return PutSmall(value, to);
  if (value < 10'000) return PutPair(value % 100, PutSmall(value / 100, to));
  return std::to_chars(to, to + 20, value).ptr;
}

char* PutDouble(double value, char* to) {
  const auto put = [to](std::string_view text) {
    std::memcpy(to, text.data(), text.size());
    return to + text.size();
  };
  if (std::isnan(value)) return put("\"NaN\"");
  if (std::isinf(value)) return put(value < 0 ? "\"-Infinity\"" : "\"Infinity\"");
  constexpr int kLongest = 24;  // -1.2345678901234567e-308
  const bool plain = std::abs(value) < kExactIntegerMax;
  return (plain ? std::to_chars(to, to + kLongest, value)
                : std::to_chars(to, to + kLongest, value, std::chars_format::scientific))
      .ptr;
}

char* PutRfc3339(int64_t time_ns, int fraction_digits, char* to) {
  constexpr int64_t kSecondNs = 1'000'000'000;
  constexpr int64_t kDaySeconds = 86'400;
  // int64 nanoseconds reach from 1677 to 2262, so that the year always has four digits.
  int64_t seconds = time_ns / kSecondNs;
  int64_t nanos = time_ns % kSecondNs;
  if (nanos < 0) nanos += kSecondNs, --seconds;
  int64_t days = seconds / kDaySeconds;
  int64_t second_of_day = seconds % kDaySeconds;
  if (second_of_day < 0) second_of_day += kDaySeconds, --days;
  const Date date = DateOfDay(days);

  to = PutDigits(to, static_cast<uint64_t>(date.year), 4);
  *to++ = '-';
  to = PutDigits(to, date.month, 2);
  *to++ = '-';
  to = PutDigits(to, date.day, 2);
  *to++ = 'T';
  to = PutDigits(to, static_cast<uint64_t>(second_of_day / 3600), 2);
  *to++ = ':';
  to = PutDigits(to, static_cast<uint64_t>(second_of_day / 60 % 60), 2);
  *to++ = ':';
  to = PutDigits(to, static_cast<uint64_t>(second_of_day % 60), 2);
  const int digits = std::clamp(fraction_digits, 0, 9);
  if (digits > 0) {
    for (int i = digits; i < 9; ++i) nanos /= 10;
    *to++ = '.';
    to = PutDigits(to, static_cast<uint64_t>(nanos), digits);
  }
  *to++ = 'Z';
  return to;
}

}  // namespace taffrail::record
