#include "query/lang/elastic/dates.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "fmt/format.h"

namespace taffrail::query::lang::elastic {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int64_t kMillisNs = 1'000'000;
constexpr std::string_view kDefaultFormat = "strict_date_optional_time||epoch_millis";

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// A civil time, and how much of it was said: 1 the year … 6 the second, 7 its fraction.
struct Parts {
  int64_t field[6] = {1970, 1, 1, 0, 0, 0};
  int64_t nanos = 0;
  int known = 0;
  std::optional<int64_t> offset_s;
};

bool IsPossible(const Parts& parts) {
  constexpr int64_t kLeast[6] = {1677, 1, 1, 0, 0, 0};
  constexpr int64_t kMost[6] = {2262, 12, 31, 24, 59, 60};
  for (int i = 0; i < 6; ++i) {
    if (parts.field[i] < kLeast[i] || parts.field[i] > kMost[i]) return false;
  }
  const absl::CivilDay day(parts.field[0], parts.field[1], parts.field[2]);
  return day.day() == parts.field[2];  // no 31st of February
}

absl::CivilSecond AddUnit(const absl::CivilSecond& time, int unit, int64_t count) {
  switch (unit) {
    case 1:
      return absl::CivilSecond(time.year() + count, time.month(), time.day(), time.hour(), time.minute(),
                               time.second());
    case 2: {
      const absl::CivilMonth month = absl::CivilMonth(time) + count;
      const int last = (absl::CivilDay(month + 1) - 1).day();
      return absl::CivilSecond(month.year(), month.month(), std::min(time.day(), last), time.hour(),
                               time.minute(), time.second());
    }
    case 3:
      return absl::CivilSecond(absl::CivilDay(time) + count) +
             (time - absl::CivilSecond(absl::CivilDay(time)));
    default:
      return time + count * (unit == 4 ? 3600 : unit == 5 ? 60 : 1);
  }
}

std::optional<int64_t> ToNs(absl::Time time) {
  if (time < absl::FromUnixNanos(std::numeric_limits<int64_t>::min()) ||
      time > absl::FromUnixNanos(std::numeric_limits<int64_t>::max())) {
    return std::nullopt;
  }
  return absl::ToUnixNanos(time);
}

std::optional<int64_t> TimeOf(const Parts& parts, const DateOptions& options) {
  if (parts.known == 0 || !IsPossible(parts)) return std::nullopt;
  absl::CivilSecond civil(parts.field[0], parts.field[1], parts.field[2], parts.field[3], parts.field[4],
                          parts.field[5]);
  int64_t nanos = parts.nanos;
  if (options.round_up && parts.known < 7) {
    civil = AddUnit(civil, parts.known, 1);
    nanos = -1;
  }
  const absl::TimeZone zone =
      parts.offset_s ? absl::FixedTimeZone(static_cast<int>(*parts.offset_s)) : options.zone;
  return ToNs(absl::FromCivil(civil, zone) + absl::Nanoseconds(nanos));
}

bool TakeDigits(std::string_view& text, size_t least, size_t most, int64_t& number) {
  size_t count = 0;
  while (count < text.size() && count < most && IsDigit(text[count])) ++count;
  if (count < least) return false;
  number = 0;
  for (size_t i = 0; i < count; ++i) number = number * 10 + (text[i] - '0');
  text.remove_prefix(count);
  return true;
}

bool TakeFraction(std::string_view& text, int64_t& nanos) {
  const size_t before = text.size();
  if (!TakeDigits(text, 1, 9, nanos)) return false;
  for (size_t digits = before - text.size(); digits < 9; ++digits) nanos *= 10;
  return true;
}

bool TakeOffset(std::string_view& text, Parts& parts) {
  if (text.starts_with('Z') || text.starts_with('z')) {
    text.remove_prefix(1);
    parts.offset_s = 0;
    return true;
  }
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return false;
  const int64_t sign = text[0] == '-' ? -1 : 1;
  text.remove_prefix(1);
  int64_t hours = 0;
  int64_t minutes = 0;
  if (!TakeDigits(text, 2, 2, hours)) return false;
  if (text.starts_with(':')) text.remove_prefix(1);
  if (!text.empty() && !TakeDigits(text, 2, 2, minutes)) return false;
  if (hours > 18 || minutes > 59) return false;
  parts.offset_s = sign * (hours * 3600 + minutes * 60);
  return true;
}

// strict_date_optional_time, with a blank allowed for the T.
std::optional<Parts> ParseIso(std::string_view text) {
  Parts parts;
  if (!TakeDigits(text, 4, 4, parts.field[0])) return std::nullopt;
  parts.known = 1;
  constexpr std::string_view kBefore = " --T::";
  for (int i = 1; i < 6 && !text.empty(); ++i) {
    const bool fits =
        text[0] == kBefore[static_cast<size_t>(i)] || (i == 3 && (text[0] == ' ' || text[0] == 't'));
    if (!fits || text.size() < 2 || (i == 1 && !IsDigit(text[1]))) break;
    std::string_view rest = text.substr(1);
    if (!TakeDigits(rest, 2, 2, parts.field[i])) break;
    text = rest;
    parts.known = i + 1;
  }
  if (parts.known == 6 && (text.starts_with('.') || text.starts_with(','))) {
    text.remove_prefix(1);
    if (!TakeFraction(text, parts.nanos)) return std::nullopt;
    parts.known = 7;
  }
  if (!text.empty() && (parts.known < 4 || !TakeOffset(text, parts))) return std::nullopt;
  return text.empty() ? std::optional(parts) : std::nullopt;
}

// One run of a pattern: letters of a kind, or literal text.
struct PatternPiece {
  char letter = 0;  // 0: literal
  size_t count = 0;
  std::string literal;
};

std::vector<PatternPiece> Pieces(std::string_view pattern) {
  std::vector<PatternPiece> pieces;
  for (size_t i = 0; i < pattern.size();) {
    const char c = pattern[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    PatternPiece& piece = pieces.emplace_back();
    if (c == '\'') {
      const size_t close = std::min(pattern.find('\'', i + 1), pattern.size());
      piece.literal = pattern.substr(i + 1, close - i - 1);
      if (piece.literal.empty()) piece.literal = "'";
      i = std::min(close + 1, pattern.size());
    } else if (!letter) {
      piece.literal = c;
      ++i;
    } else {
      piece.letter = c;
      while (i < pattern.size() && pattern[i] == c) {
        ++piece.count;
        ++i;
      }
    }
  }
  return pieces;
}

int FieldOfLetter(char letter) {
  constexpr std::string_view kLetters = "yMdHms";
  if (letter == 'u') return 0;
  const size_t at = kLetters.find(letter);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

std::optional<Parts> ParsePattern(std::string_view text, std::string_view pattern) {
  Parts parts;
  for (const PatternPiece& piece : Pieces(pattern)) {
    const int field = FieldOfLetter(piece.letter);
    if (piece.letter == 0) {
      if (!text.starts_with(piece.literal)) return std::nullopt;
      text.remove_prefix(piece.literal.size());
    } else if (piece.letter == 'S') {
      if (!TakeFraction(text, parts.nanos)) return std::nullopt;
      parts.known = 7;
    } else if (piece.letter == 'X' || piece.letter == 'x' || piece.letter == 'Z') {
      if (!TakeOffset(text, parts)) return std::nullopt;
    } else if (field < 0) {
      return std::nullopt;
    } else {
      const size_t most = field == 0 ? 4 : 2;
      if (!TakeDigits(text, piece.count >= 2 ? most : 1, most, parts.field[field])) return std::nullopt;
      parts.known = std::max(parts.known, field + 1);
    }
  }
  return text.empty() ? std::optional(parts) : std::nullopt;
}

std::optional<int64_t> ParseEpoch(std::string_view text, int64_t unit_ns, bool round_up) {
  int64_t whole = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
  if (error != std::errc() || rest == text.data()) return std::nullopt;
  int64_t time_ns = 0;
  if (__builtin_mul_overflow(whole, unit_ns, &time_ns)) return std::nullopt;
  std::string_view fraction(rest, static_cast<size_t>(text.data() + text.size() - rest));
  if (fraction.empty()) {
    const int64_t last = round_up ? unit_ns - 1 : 0;
    return __builtin_add_overflow(time_ns, last, &time_ns) ? std::nullopt : std::optional(time_ns);
  }
  int64_t nanos = 0;
  if (fraction[0] != '.') return std::nullopt;
  fraction.remove_prefix(1);
  if (!TakeFraction(fraction, nanos) || !fraction.empty()) return std::nullopt;
  nanos = nanos / (kSecondNs / unit_ns);
  const int64_t part = text.starts_with('-') ? -nanos : nanos;
  return __builtin_add_overflow(time_ns, part, &time_ns) ? std::nullopt : std::optional(time_ns);
}

template <typename F>
bool AnyFormat(std::string_view formats, F&& f) {
  while (!formats.empty()) {
    const size_t bar = formats.find("||");
    if (f(formats.substr(0, bar))) return true;
    formats = bar == std::string_view::npos ? "" : formats.substr(bar + 2);
  }
  return false;
}

bool IsIsoName(std::string_view format) {
  if (format.starts_with("strict_")) format.remove_prefix(7);
  return format == "date_optional_time" || format == "date_optional_time_nanos" || format == "date_time" ||
         format == "date_time_no_millis" || format == "iso8601" || format == "date";
}

std::optional<int64_t> ParseAnchor(std::string_view text, const DateOptions& options) {
  std::optional<int64_t> time_ns;
  AnyFormat(options.format.empty() ? kDefaultFormat : options.format, [&](std::string_view format) {
    if (format == "epoch_millis") {
      time_ns = ParseEpoch(text, kMillisNs, options.round_up);
    } else if (format == "epoch_second") {
      time_ns = ParseEpoch(text, kSecondNs, options.round_up);
    } else if (const auto parts = IsIsoName(format) ? ParseIso(text) : ParsePattern(text, format)) {
      time_ns = TimeOf(*parts, options);
    }
    return time_ns.has_value();
  });
  return time_ns;
}

int UnitOf(char letter) {  // as Parts counts them; 7: a week
  switch (letter) {
    case 'y':
      return 1;
    case 'M':
      return 2;
    case 'd':
      return 3;
    case 'h':
    case 'H':
      return 4;
    case 'm':
      return 5;
    case 's':
      return 6;
    case 'w':
      return 7;
    default:
      return 0;
  }
}

absl::CivilSecond RoundDown(const absl::CivilSecond& time, int unit) {
  switch (unit) {
    case 1:
      return absl::CivilSecond(absl::CivilYear(time));
    case 2:
      return absl::CivilSecond(absl::CivilMonth(time));
    case 3:
      return absl::CivilSecond(absl::CivilDay(time));
    case 4:
      return absl::CivilSecond(absl::CivilHour(time));
    case 5:
      return absl::CivilSecond(absl::CivilMinute(time));
    case 7:
      return absl::CivilSecond(absl::PrevWeekday(absl::CivilDay(time) + 1, absl::Weekday::monday));
    default:
      return time;
  }
}

// "+1h", "-2d", "/M", one after the other.
std::optional<int64_t> ApplyMath(int64_t time_ns, std::string_view math, const DateOptions& options) {
  while (!math.empty()) {
    const char op = math[0];
    math.remove_prefix(1);
    int64_t count = 1;
    if (op != '+' && op != '-' && op != '/') return std::nullopt;
    constexpr size_t kMaxDigits = 9;  // more would leave every calendar
    if (!math.empty() && IsDigit(math[0]) && (op == '/' || !TakeDigits(math, 1, kMaxDigits, count))) {
      return std::nullopt;
    }
    const int unit = math.empty() ? 0 : UnitOf(math[0]);
    if (unit == 0) return std::nullopt;
    math.remove_prefix(1);
    const absl::Time time = absl::FromUnixNanos(time_ns);
    absl::CivilSecond civil = absl::ToCivilSecond(time, options.zone);
    absl::Time result;
    if (op == '/') {
      civil = RoundDown(civil, unit);
      if (options.round_up) civil = unit == 7 ? AddUnit(civil, 3, 7) : AddUnit(civil, unit, 1);
      result = absl::FromCivil(civil, options.zone) - absl::Nanoseconds(options.round_up ? 1 : 0);
    } else {
      const int64_t signed_count = op == '-' ? -count : count;
      if (unit >= 4 && unit <= 6) {
        result = time + signed_count * absl::Seconds(unit == 4 ? 3600 : unit == 5 ? 60 : 1);
      } else {
        const int64_t nanos = ((time_ns % kSecondNs) + kSecondNs) % kSecondNs;
        civil = unit == 7 ? AddUnit(civil, 3, 7 * signed_count) : AddUnit(civil, unit, signed_count);
        result = absl::FromCivil(civil, options.zone) + absl::Nanoseconds(nanos);
      }
    }
    const auto next_ns = ToNs(result);
    if (!next_ns) return std::nullopt;
    time_ns = *next_ns;
  }
  return time_ns;
}

std::string FormatPattern(int64_t time_ns, std::string_view pattern, absl::TimeZone zone) {
  const absl::TimeZone::CivilInfo info = zone.At(absl::FromUnixNanos(time_ns));
  const int64_t nanos = ((time_ns % kSecondNs) + kSecondNs) % kSecondNs;
  const int64_t fields[6] = {info.cs.year(), info.cs.month(),  info.cs.day(),
                             info.cs.hour(), info.cs.minute(), info.cs.second()};
  std::string out;
  for (const PatternPiece& piece : Pieces(pattern)) {
    const int field = FieldOfLetter(piece.letter);
    if (piece.letter == 0) {
      out += piece.literal;
    } else if (piece.letter == 'S') {
      out += fmt::format("{:09}", nanos).substr(0, std::min<size_t>(piece.count, 9));
    } else if (piece.letter == 'X' || piece.letter == 'x' || piece.letter == 'Z') {
      const int minutes = info.offset / 60;
      if (minutes == 0 && piece.letter == 'X') {
        out += 'Z';
      } else {
        out += fmt::format("{}{:02}{}{:02}", minutes < 0 ? '-' : '+', std::abs(minutes) / 60,
                           piece.count == 3 ? ":" : "", std::abs(minutes) % 60);
      }
    } else if (field >= 0) {
      const std::string digits = fmt::format("{:0{}}", fields[field], std::min<size_t>(piece.count, 4));
      out += field == 0 && piece.count == 2 ? digits.substr(digits.size() - 2) : digits;
    }
  }
  return out;
}

}  // namespace

absl::StatusOr<absl::TimeZone> ParseZone(std::string_view text) {
  const auto zone = base::ParseTimeZone(text);
  if (zone) return *zone;
  return absl::InvalidArgumentError(fmt::format("unknown time zone [{}]", text.substr(0, 100)));
}

absl::StatusOr<int64_t> ParseDate(std::string_view text, const DateOptions& options) {
  std::optional<int64_t> time_ns;
  std::string_view math;
  if (text.starts_with("now")) {
    time_ns = options.now_ns;
    math = text.substr(3);
  } else {
    const size_t bars = text.find("||");
    DateOptions anchor = options;
    if (bars != std::string_view::npos) {
      anchor.round_up = false;
      math = text.substr(bars + 2);
    }
    time_ns = ParseAnchor(text.substr(0, bars), anchor);
  }
  if (time_ns) time_ns = ApplyMath(*time_ns, math, options);
  constexpr int64_t kFarNs = 9'200'000'000'000'000'000;  // so that rounding and formatting do not overflow
  if (time_ns && *time_ns >= -kFarNs && *time_ns <= kFarNs) return *time_ns;
  return absl::InvalidArgumentError(fmt::format("failed to parse date field [{}] with format [{}]",
                                                text.substr(0, 100),
                                                options.format.empty() ? kDefaultFormat : options.format));
}

std::string FormatDate(int64_t time_ns, std::string_view format, absl::TimeZone zone) {
  format = format.substr(0, format.find("||"));
  const int64_t millis = WholeMillis(time_ns);
  if (format == "epoch_millis") return fmt::format("{}", millis);
  if (format == "epoch_second") return fmt::format("{}", (millis - ((millis % 1000) + 1000) % 1000) / 1000);
  std::string_view pattern = format;
  if (format == "date" || format == "strict_date") {
    pattern = "yyyy-MM-dd";
  } else if (format.ends_with("_nanos")) {
    pattern = "yyyy-MM-dd'T'HH:mm:ss.SSSSSSSSSXXX";
  } else if (format.empty() || IsIsoName(format)) {
    pattern = "yyyy-MM-dd'T'HH:mm:ss.SSSXXX";
  }
  return FormatPattern(time_ns, pattern, zone);
}

std::optional<int64_t> ParseTimeValue(std::string_view text) {
  constexpr std::pair<std::string_view, int64_t> kUnits[] = {
      {"nanos", 1},          {"micros", 1000},        {"ms", kMillisNs},        {"s", kSecondNs},
      {"m", 60 * kSecondNs}, {"h", 3600 * kSecondNs}, {"d", 86'400 * kSecondNs}};
  int64_t count = 0;
  constexpr size_t kMaxDigits = 12;
  if (!TakeDigits(text, 1, kMaxDigits, count)) return std::nullopt;
  for (const auto& [unit, unit_ns] : kUnits) {
    int64_t length_ns = 0;
    if (text == unit) {
      return __builtin_mul_overflow(count, unit_ns, &length_ns) ? std::nullopt : std::optional(length_ns);
    }
  }
  return std::nullopt;
}

std::optional<int64_t> ParseFixedInterval(std::string_view text) {
  constexpr int64_t kMostNs = int64_t{1} << 58;  // nine years: the sum of a time and some of them is one too
  const auto length_ns = ParseTimeValue(text);
  const bool fits =
      length_ns && *length_ns >= kMillisNs && *length_ns <= kMostNs && *length_ns % kMillisNs == 0;
  return fits ? length_ns : std::nullopt;
}

std::optional<base::Interval::Unit> ParseCalendarInterval(std::string_view text) {
  using Unit = base::Interval::Unit;
  constexpr std::pair<std::string_view, Unit> kUnits[] = {
      {"minute", Unit::kMinute}, {"1m", Unit::kMinute}, {"hour", Unit::kHour},       {"1h", Unit::kHour},
      {"day", Unit::kDay},       {"1d", Unit::kDay},    {"week", Unit::kWeek},       {"1w", Unit::kWeek},
      {"month", Unit::kMonth},   {"1M", Unit::kMonth},  {"quarter", Unit::kQuarter}, {"1q", Unit::kQuarter},
      {"year", Unit::kYear},     {"1y", Unit::kYear}};
  for (const auto& [name, unit] : kUnits) {
    if (text == name) return unit;
  }
  return std::nullopt;
}

int64_t WholeMillis(int64_t time_ns) { return time_ns / kMillisNs - (time_ns % kMillisNs < 0 ? 1 : 0); }

}  // namespace taffrail::query::lang::elastic
