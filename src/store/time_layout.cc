#include "store/time_layout.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace taffrail::store {
namespace {

constexpr size_t kDateBytes = 10;  // "2026-01-05"
constexpr size_t kTimeBytes = 8;   // "08:00:00"
constexpr size_t kFractionAt = kDateBytes + 1 + kTimeBytes;
constexpr int64_t kDaySeconds = 86'400;
constexpr std::array<int64_t, TimeLayout::kMaxDigits + 1> kPowers = {
    1, 10, 100, 1000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};
// Years whose days fit, with room to spare, into 64 bits of the unit.
constexpr int kFirstFineYear = 1700;
constexpr int kLastFineYear = 2250;
constexpr unsigned kCoarseDigits = 6;  // up to these any year of four digits fits

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The number in text[at, at + digits), or -1.
int Number(std::string_view text, size_t at, size_t digits) {
  int number = 0;
  for (size_t i = at; i < at + digits; ++i) {
    if (!IsDigit(text[i])) return -1;
    number = number * 10 + (text[i] - '0');
  }
  return number;
}

// The digits of a number at `at`; returns where they end.
char* PutNumber(uint32_t number, unsigned digits, char* at) {
  for (unsigned i = digits; i-- > 0;) {
    at[i] = static_cast<char>('0' + number % 10);
    number /= 10;
  }
  return at + digits;
}
char* PutTwo(uint32_t number, char* at) {
  at[0] = static_cast<char>('0' + number / 10);
  at[1] = static_cast<char>('0' + number % 10);
  return at + 2;
}

// Days from 1970-01-01; false when it is no date that the digits allow.
bool ParseDate(std::string_view text, char separator, unsigned digits, int64_t& days) {
  if (text[4] != separator || text[7] != separator) return false;
  const int year = Number(text, 0, 4);
  const int month = Number(text, 5, 2);
  const int day = Number(text, 8, 2);
  if (year < 0 || month < 0 || day < 0) return false;
  if (digits > kCoarseDigits && (year < kFirstFineYear || year > kLastFineYear)) return false;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return false;
  days = std::chrono::sys_days(date).time_since_epoch().count();
  return true;
}

bool ParseTime(std::string_view text, int64_t& seconds) {
  if (text[2] != ':' || text[5] != ':') return false;
  const int hour = Number(text, 0, 2);
  const int minute = Number(text, 3, 2);
  const int second = Number(text, 6, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return false;
  seconds = hour * 3600 + minute * 60 + second;
  return true;
}

}  // namespace

bool TimeLayout::Infer(std::string_view text, TimeLayout& layout) {
  if (text.size() < kFractionAt) return false;
  layout = TimeLayout();
  layout.date_separator = text[4];
  layout.separator = text[kDateBytes];
  if (layout.date_separator != '-' && layout.date_separator != '/') return false;
  if (layout.separator != 'T' && layout.separator != 't' && layout.separator != ' ') return false;
  size_t at = kFractionAt;
  if (at + 1 < text.size() && (text[at] == '.' || text[at] == ',') && IsDigit(text[at + 1])) {
    layout.point = text[at++];
    size_t digits = 0;
    while (at < text.size() && IsDigit(text[at])) ++at, ++digits;
    if (digits > kMaxDigits) return false;
    layout.digits = static_cast<uint8_t>(digits);
  }
  if (text.size() - at > kMaxSuffixBytes) return false;
  layout.suffix = text.substr(at);
  int64_t ignored = 0;
  return layout.Parse(text, ignored);
}

bool TimeLayout::Parse(std::string_view text, int64_t& value) const {
  if (text.size() < kFractionAt + suffix.size() || text[kDateBytes] != separator) return false;
  if (text.substr(text.size() - suffix.size()) != suffix) return false;
  int64_t days = 0;
  int64_t seconds = 0;
  if (!ParseDate(text, date_separator, digits, days) ||
      !ParseTime(text.substr(kDateBytes + 1, kTimeBytes), seconds)) {
    return false;
  }
  const std::string_view fraction = text.substr(kFractionAt, text.size() - suffix.size() - kFractionAt);
  int64_t part = 0;
  if (!fraction.empty()) {
    const size_t written = fraction.size() - 1;
    if (point == 0 || fraction[0] != point || written == 0 || written > digits) return false;
    if (trimmed ? fraction.back() == '0' : written != digits) return false;
    const int number = Number(fraction, 1, written);
    if (number < 0) return false;
    part = number * kPowers[digits - written];
  } else if (point != 0 && !trimmed) {
    return false;
  }
  value = (days * kDaySeconds + seconds) * kPowers[digits] + part;
  return true;
}

bool TimeLayout::Append(int64_t value, std::string& out) const {
  return TimeWriter(*this).Append(value, out);
}

TimeWriter::TimeWriter(const TimeLayout& layout) : layout_(layout), units_(kPowers[layout.digits]) {}

// Date and time of the value's second, and what is left of the value.
bool TimeWriter::BeginSecond(int64_t value, uint32_t& part) {
  has_second_ = false;
  int64_t seconds = value / units_;
  int64_t rest = value % units_;
  if (rest < 0) rest += units_, --seconds;
  part = static_cast<uint32_t>(rest);
  const bool begins = value >= INT64_MIN + rest;  // else before all values
  second_begin_ = begins ? value - rest : 0;
  int64_t days = seconds / kDaySeconds;
  seconds %= kDaySeconds;
  if (seconds < 0) seconds += kDaySeconds, --days;
  constexpr int64_t kFirstDay = -719'528;  // 0000-01-01
  constexpr int64_t kLastDay = 2'932'896;  // 9999-12-31
  if (days < kFirstDay || days > kLastDay) return false;
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
  char* at = PutNumber(static_cast<uint32_t>(static_cast<int>(date.year())), 4, text_);
  *at++ = layout_.date_separator;
  at = PutTwo(static_cast<unsigned>(date.month()), at);
  *at++ = layout_.date_separator;
  at = PutTwo(static_cast<unsigned>(date.day()), at);
  *at++ = layout_.separator;
  const auto second_of_day = static_cast<uint32_t>(seconds);
  at = PutTwo(second_of_day / 3600, at);
  *at++ = ':';
  at = PutTwo(second_of_day / 60 % 60, at);
  *at++ = ':';
  PutTwo(second_of_day % 60, at);
  has_second_ = begins;
  return true;
}

bool TimeWriter::Append(int64_t value, std::string& out) {
  const uint64_t since_begin = static_cast<uint64_t>(value) - static_cast<uint64_t>(second_begin_);
  auto part = static_cast<uint32_t>(since_begin);
  const bool same = has_second_ && value >= second_begin_ && since_begin < static_cast<uint64_t>(units_);
  if (!same && !BeginSecond(value, part)) return false;
  unsigned written = layout_.digits;
  while (layout_.trimmed && written > 0 && part % 10 == 0) part /= 10, --written;
  // In one piece: columns have tens of thousands of them, and growing a string byte by byte was a quarter of
  // what a search over whole lines cost.
  char* at = text_ + kSecondBytes;
  if (written > 0) {
    *at++ = layout_.point;
    at = PutNumber(part, written, at);
  }
  // Read and Infer see to it that the suffix fits.
  at = std::copy(layout_.suffix.begin(), layout_.suffix.end(), at);
  out.append(text_, static_cast<size_t>(at - text_));
  return true;
}

int64_t TimeLayout::unit_ns() const { return kPowers[kMaxDigits - digits]; }

void TimeLayout::AppendTo(std::string& out) const {
  out.push_back(date_separator);
  out.push_back(separator);
  out.push_back(point);
  out.push_back(static_cast<char>(digits));
  out.push_back(trimmed ? 1 : 0);
  base::PutString(out, suffix);
}

bool TimeLayout::Read(base::ByteReader& reader, TimeLayout& layout) {
  layout.date_separator = reader.Fixed<char>();
  layout.separator = reader.Fixed<char>();
  layout.point = reader.Fixed<char>();
  layout.digits = reader.Fixed<uint8_t>();
  layout.trimmed = reader.Fixed<uint8_t>() != 0;
  layout.suffix = reader.String();
  return reader.ok() && layout.digits <= kMaxDigits && layout.suffix.size() <= kMaxSuffixBytes &&
         (layout.digits == 0) == (layout.point == 0);
}

}  // namespace taffrail::store
