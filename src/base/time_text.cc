#include "base/time_text.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/duration.h"

namespace taffrail::base {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;
constexpr int64_t kSecondsPerDay = 86'400;

// Days since 1970-01-01 of a date of the proleptic Gregorian calendar, and back. Years are counted from
// March, so that the leap day comes last, in eras of 400 years = 146097 days.
int64_t DaysFromCivil(int64_t year, int64_t month, int64_t day) {
  year -= month <= 2;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146'097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719'468;
}

struct Civil {
  int64_t year;
  unsigned month, day;
};

Civil CivilFromDays(int64_t days) {
  days += 719'468;  // from 0000-03-01
  const int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const auto day_of_era = static_cast<unsigned>(days - era * 146'097);
  const unsigned year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned month_from_march = (5 * day_of_year + 2) / 153;
  const unsigned month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  return {.year = era * 400 + year_of_era + (month <= 2),
          .month = month,
          .day = day_of_year - (153 * month_from_march + 2) / 5 + 1};
}

int DaysInMonth(int64_t year, int64_t month) {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

char* PutDigits(char* out, uint64_t value, int digits) {
  for (int i = digits - 1; i >= 0; --i, value /= 10) out[i] = static_cast<char>('0' + value % 10);
  return out + digits;
}

// A cursor over text. Every Take… returns false, for good, when something else stands there.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}
  bool AtEnd() const { return rest_.empty(); }
  bool At(char c) const { return rest_.starts_with(c); }

  bool Take(char c) {
    if (!At(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool TakeAnyOf(std::string_view chars) {
    if (rest_.empty() || chars.find(rest_.front()) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool TakeWord(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  bool TakeDigits(size_t count, int64_t* value) {
    if (rest_.size() < count) return false;
    *value = 0;
    for (size_t i = 0; i < count; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') return false;
      *value = *value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return true;
  }
  // Digits of a fraction, as parts of 10^9; those beyond nine are dropped.
  bool TakeFraction(int64_t* parts) {
    *parts = 0;
    int64_t place = kNsPerSecond, digit = 0;
    bool any = false;
    for (; TakeDigits(1, &digit); any = true) *parts += digit * (place /= 10);
    return any;
  }
  // One of `names`, each three letters long.
  bool TakeName(std::string_view names, int64_t* index) {
    if (rest_.size() < 3) return false;
    for (size_t i = 0; i < names.size(); i += 3) {
      if (rest_.substr(0, 3) != names.substr(i, 3)) continue;
      *index = static_cast<int64_t>(i / 3);
      rest_.remove_prefix(3);
      return true;
    }
    return false;
  }

 private:
  std::string_view rest_;
};

constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
constexpr std::string_view kWeekdays = "MonTueWedThuFriSatSun";

struct Parts {
  int64_t year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0, fraction_ns = 0, offset_s = 0;
};

std::optional<int64_t> ToUnixNs(const Parts& p) {
  if (p.month < 1 || p.month > 12 || p.day < 1 || p.day > DaysInMonth(p.year, p.month)) return std::nullopt;
  if (p.hour > 23 || p.minute > 59 || p.second > 60) return std::nullopt;
  const int64_t seconds = DaysFromCivil(p.year, p.month, p.day) * kSecondsPerDay + p.hour * 3600 +
                          p.minute * 60 + p.second - p.offset_s;
  int64_t ns = 0;
  if (seconds < 0) {  // from the second above, lest the earliest moments overflow on the way
    if (__builtin_mul_overflow(seconds + 1, kNsPerSecond, &ns)) return std::nullopt;
    if (__builtin_add_overflow(ns, p.fraction_ns - kNsPerSecond, &ns)) return std::nullopt;
    return ns;
  }
  if (__builtin_mul_overflow(seconds, kNsPerSecond, &ns)) return std::nullopt;
  if (__builtin_add_overflow(ns, p.fraction_ns, &ns)) return std::nullopt;
  return ns;
}

bool TakeClock(Scanner& in, Parts* p) {
  return in.TakeDigits(2, &p->hour) && in.Take(':') && in.TakeDigits(2, &p->minute) && in.Take(':') &&
         in.TakeDigits(2, &p->second);
}

bool TakeDate(Scanner& in, Parts* p) {
  if (!in.TakeDigits(4, &p->year)) return false;
  const char between = in.At('/') ? '/' : '-';
  return in.Take(between) && in.TakeDigits(2, &p->month) && in.Take(between) && in.TakeDigits(2, &p->day);
}

bool TakeOptionalFraction(Scanner& in, Parts* p) {
  return !in.TakeAnyOf(".,") || in.TakeFraction(&p->fraction_ns);
}

// "+hh:mm"; if not strict also "+hhmm" and "+hh".
bool TakeOffset(Scanner& in, bool strict, Parts* p) {
  const bool west = in.At('-');
  int64_t hours = 0, minutes = 0;
  if (!in.TakeAnyOf("+-") || !in.TakeDigits(2, &hours)) return false;
  const bool colon = in.Take(':');
  if (!in.TakeDigits(2, &minutes) && (strict || colon)) return false;
  if ((strict && !colon) || hours > 23 || minutes > 59) return false;
  p->offset_s = (hours * 3600 + minutes * 60) * (west ? -1 : 1);
  return true;
}

bool TakeZone(Scanner& in, bool strict, Parts* p) {
  if (in.TakeAnyOf("Zz")) return true;
  if (!strict && (in.TakeWord("UTC") || in.TakeWord("GMT"))) return true;
  return TakeOffset(in, strict, p);
}

// The digits at [at, at + kCount); false when one is none.
template <size_t kCount>
bool ReadDigits(const char* at, int64_t* value) {
  bool digits = true;
  int64_t number = 0;
  for (size_t i = 0; i < kCount; ++i) {
    const auto digit = static_cast<unsigned char>(at[i] - '0');
    digits = digits && digit <= 9;
    number = number * 10 + digit;
  }
  *value = number;
  return digits;
}

constexpr size_t kUsualIsoBytes = 20;  // at least: without a fraction

// Of "2025-10-01T12:30:00.123Z" the seconds, with any fraction or none. Negative: none of that form.
int64_t UsualSecondsNs(std::string_view text) {
  int64_t seconds = 0;
  if (!ReadDigits<2>(text.data() + 17, &seconds) || seconds > 60) return -1;
  int64_t ns = seconds * kNsPerSecond;
  const std::string_view fraction = text.substr(19, text.size() - kUsualIsoBytes);
  if (fraction.empty()) return ns;
  if (fraction.size() < 2 || fraction.size() > 10 || fraction[0] != '.') return -1;
  int64_t place = kNsPerSecond;
  for (const char c : fraction.substr(1)) {
    if (c < '0' || c > '9') return -1;
    ns += (c - '0') * (place /= 10);
  }
  return ns;
}

// "2025-10-01T12:30:00.123Z", with any fraction or none: what most programs write, at a third of the cost.
// Null: something else, which may be a time all the same.
std::optional<int64_t> ParseUsualIso(std::string_view text) {
  const char* const at = text.data();
  if (text.size() < kUsualIsoBytes || at[4] != '-' || at[7] != '-' || at[10] != 'T' || at[13] != ':' ||
      at[16] != ':' || text.back() != 'Z')
    return std::nullopt;
  Parts p;
  if (!ReadDigits<4>(at, &p.year) || !ReadDigits<2>(at + 5, &p.month) || !ReadDigits<2>(at + 8, &p.day) ||
      !ReadDigits<2>(at + 11, &p.hour) || !ReadDigits<2>(at + 14, &p.minute))
    return std::nullopt;
  const int64_t within_ns = UsualSecondsNs(text);
  if (within_ns < 0) return std::nullopt;
  p.second = within_ns / kNsPerSecond;
  p.fraction_ns = within_ns % kNsPerSecond;
  return ToUnixNs(p);
}

std::optional<int64_t> ParseIso(std::string_view text) {
  if (const auto usual = ParseUsualIso(text); usual.has_value()) return usual;
  Scanner in(text);
  Parts p;
  if (!TakeDate(in, &p) || !in.TakeAnyOf("Tt ") || !TakeClock(in, &p) || !TakeOptionalFraction(in, &p)) {
    return std::nullopt;
  }
  if (!in.AtEnd()) {
    in.Take(' ');
    if (!TakeZone(in, /*strict=*/false, &p) || !in.AtEnd()) return std::nullopt;
  }
  return ToUnixNs(p);
}

std::optional<int64_t> ParseAsctime(std::string_view text) {
  Scanner in(text);
  Parts p;
  int64_t weekday = 0, month = 0;  // the weekday is not checked against the date: the date is what counts
  if (in.TakeName(kWeekdays, &weekday) && !in.Take(' ')) return std::nullopt;
  if (!in.TakeName(kMonths, &month) || !in.Take(' ')) return std::nullopt;
  const bool padded = in.Take(' ');
  if ((padded || !in.TakeDigits(2, &p.day)) && !in.TakeDigits(1, &p.day)) return std::nullopt;
  if (!in.Take(' ') || !TakeClock(in, &p) || !TakeOptionalFraction(in, &p)) return std::nullopt;
  if (!in.Take(' ') || !in.TakeDigits(4, &p.year)) return std::nullopt;
  if (in.Take(' ') && !TakeZone(in, /*strict=*/false, &p)) return std::nullopt;
  p.month = month + 1;
  return in.AtEnd() ? ToUnixNs(p) : std::nullopt;
}

std::optional<int64_t> ParseCommonLog(std::string_view text) {
  Scanner in(text);
  Parts p;
  int64_t month = 0;
  if (!in.TakeDigits(2, &p.day) || !in.Take('/') || !in.TakeName(kMonths, &month) || !in.Take('/') ||
      !in.TakeDigits(4, &p.year) || !in.Take(':') || !TakeClock(in, &p)) {
    return std::nullopt;
  }
  if (in.Take(' ') && !TakeZone(in, /*strict=*/false, &p)) return std::nullopt;
  p.month = month + 1;
  return in.AtEnd() ? ToUnixNs(p) : std::nullopt;
}

// Nanoseconds in the unit that a number of this size is meant in.
int64_t UnitNs(uint64_t magnitude) {
  if (magnitude < 100'000'000'000) return 1'000'000'000;
  if (magnitude < 100'000'000'000'000) return 1'000'000;
  if (magnitude < 100'000'000'000'000'000) return 1'000;
  return 1;
}

}  // namespace

size_t FormatRfc3339(int64_t unix_ns, int fraction_digits, char* out) {
  int64_t seconds = unix_ns / kNsPerSecond, fraction_ns = unix_ns % kNsPerSecond;
  if (fraction_ns < 0) {
    fraction_ns += kNsPerSecond;
    --seconds;
  }
  int64_t days = seconds / kSecondsPerDay, second_of_day = seconds % kSecondsPerDay;
  if (second_of_day < 0) {
    second_of_day += kSecondsPerDay;
    --days;
  }
  const Civil date = CivilFromDays(days);
  const auto clock = static_cast<unsigned>(second_of_day);
  char* at = PutDigits(out, static_cast<uint64_t>(date.year), 4);
  *at++ = '-';
  at = PutDigits(at, date.month, 2);
  *at++ = '-';
  at = PutDigits(at, date.day, 2);
  *at++ = 'T';
  at = PutDigits(at, clock / 3600, 2);
  *at++ = ':';
  at = PutDigits(at, clock / 60 % 60, 2);
  *at++ = ':';
  at = PutDigits(at, clock % 60, 2);
  if (fraction_digits > 0) {
    *at++ = '.';
    PutDigits(at, static_cast<uint64_t>(fraction_ns), 9);  // whole, then cut: kRfc3339SizeMax has room
    at += std::min(fraction_digits, 9);
  }
  *at++ = 'Z';
  return static_cast<size_t>(at - out);
}

std::string FormatRfc3339(int64_t unix_ns, int fraction_digits) {
  char buffer[kRfc3339SizeMax];
  return std::string(buffer, FormatRfc3339(unix_ns, fraction_digits, buffer));
}

std::optional<int64_t> ParseRfc3339(std::string_view text) {
  if (text.size() < 5 || text[4] != '-') return std::nullopt;
  Scanner in(text);
  Parts p;
  if (!TakeDate(in, &p) || !in.TakeAnyOf("Tt ") || !TakeClock(in, &p)) return std::nullopt;
  if (in.Take('.') && !in.TakeFraction(&p.fraction_ns)) return std::nullopt;
  if (!TakeZone(in, /*strict=*/true, &p) || !in.AtEnd()) return std::nullopt;
  return ToUnixNs(p);
}

std::optional<int64_t> UnixTimeToNs(int64_t number) {
  const auto bits = static_cast<uint64_t>(number);
  int64_t ns = 0;
  if (__builtin_mul_overflow(number, UnitNs(number < 0 ? ~bits + 1 : bits), &ns)) return std::nullopt;
  return ns;
}

std::optional<int64_t> UnixTimeToNs(double number) {
  constexpr double kTooLarge = 9.2e18;  // just below 2^63, and far above any time worth telling
  if (!(std::abs(number) < kTooLarge)) return std::nullopt;  // NaN too
  const auto unit_ns = static_cast<double>(UnitNs(static_cast<uint64_t>(std::abs(number))));
  const double whole =
      std::floor(number);  // scaled apart from the fraction, which keeps what precision there is
  const double ns = whole * unit_ns;
  if (std::abs(ns) >= kTooLarge) return std::nullopt;
  return static_cast<int64_t>(whole) * static_cast<int64_t>(unit_ns) +
         std::llround((number - whole) * unit_ns);
}

std::optional<int64_t> ParseUnixTime(std::string_view text) {
  constexpr size_t kDigitsMax = 19;  // of int64
  size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
  if (digits == 0 || digits > kDigitsMax) return std::nullopt;
  uint64_t whole = 0;
  for (size_t i = 0; i < digits; ++i) whole = whole * 10 + static_cast<uint64_t>(text[i] - '0');
  Scanner in(text.substr(digits));
  int64_t fraction = 0, ns = 0;
  if (in.Take('.') && !in.TakeFraction(&fraction)) return std::nullopt;
  if (!in.AtEnd() || whole > INT64_MAX) return std::nullopt;
  const int64_t unit_ns = UnitNs(whole);
  if (__builtin_mul_overflow(static_cast<int64_t>(whole), unit_ns, &ns)) return std::nullopt;
  if (__builtin_add_overflow(ns, fraction / (kNsPerSecond / unit_ns), &ns)) return std::nullopt;
  return ns;
}

std::optional<int64_t> ParseTimestamp(std::string_view text) {
  constexpr size_t kSizeMax =
      64;  // the longest form above with a long fraction; guards against scanning a whole line
  if (text.empty() || text.size() > kSizeMax) return std::nullopt;
  if (const auto c = static_cast<unsigned char>(text[0]); c < '0' || c > '9') return ParseAsctime(text);
  const char third = text.size() > 2 ? text[2] : '\0', fifth = text.size() > 4 ? text[4] : '\0';
  if (fifth == '-' || fifth == '/') return ParseIso(text);
  return third == '/' ? ParseCommonLog(text) : ParseUnixTime(text);
}

std::optional<int64_t> TimestampReader::Read(std::string_view text) {
  const bool may_be_usual = text.size() >= kUsualIsoBytes && text.back() == 'Z' && text[16] == ':';
  const int64_t within_ns = may_be_usual ? UsualSecondsNs(text) : -1;
  if (within_ns >= 0 && text.starts_with(minute())) return minute_ns_ + within_ns;
  const std::optional<int64_t> ns = ParseTimestamp(text);
  // Not near the range's ends, where a later second of the minute would overflow.
  if (within_ns >= 0 && ns.has_value() && *ns >= 0 && *ns <= INT64_MAX / 2) {
    text.copy(minute_.data(), minute_.size());
    minute_ns_ = *ns - within_ns;
  }
  return ns;
}

absl::StatusOr<int64_t> ParseTimeArg(std::string_view text, int64_t now_ns) {
  std::string_view offset = text;
  if (text.starts_with("now")) offset.remove_prefix(3);
  if (text == "now") return now_ns;
  if (offset.starts_with('-') || offset.starts_with('+')) {
    int64_t ns = 0;
    if (const auto duration_ns = ParseDuration(offset);
        duration_ns.has_value() && !__builtin_add_overflow(now_ns, *duration_ns, &ns)) {
      return ns;
    }
  } else if (const auto ns = ParseTimestamp(text); ns.has_value()) {
    return *ns;
  } else {  // a date, or a date with hours and minutes
    std::string whole(text);
    if (text.size() == 10) whole += "T00:00";
    whole += ":00";
    if (const auto day_ns = ParseTimestamp(whole); day_ns.has_value()) return *day_ns;
  }
  return absl::InvalidArgumentError(fmt::format(
      "\"{}\" is not a time: use \"now\", \"-15m\", \"2025-10-01T12:30:00Z\", \"2025-10-01\" or a Unix time",
      text));
}

}  // namespace taffrail::base
