#include "base/duration.h"

#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace taffrail::base {
namespace {

constexpr uint64_t kMicrosecond = 1'000, kMillisecond = 1'000'000, kSecond = 1'000'000'000;
constexpr uint64_t kMinute = 60 * kSecond, kHour = 60 * kMinute, kDay = 24 * kHour;

// A unit that begins with another comes before it.
constexpr std::pair<std::string_view, uint64_t> kUnits[] = {{"ns", 1},
                                                            {"us", kMicrosecond},
                                                            {"\u00b5s", kMicrosecond},
                                                            {"\u03bcs", kMicrosecond},
                                                            {"ms", kMillisecond},
                                                            {"s", kSecond},
                                                            {"m", kMinute},
                                                            {"h", kHour},
                                                            {"d", kDay},
                                                            {"w", 7 * kDay},
                                                            {"y", 365 * kDay}};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The digits in front of *text, taken off it.
std::string_view TakeDigits(std::string_view* text) {
  size_t n = 0;
  while (n < text->size() && IsDigit((*text)[n])) ++n;
  const std::string_view digits = text->substr(0, n);
  text->remove_prefix(n);
  return digits;
}

uint64_t TakeUnit(std::string_view* text) {  // 0: none
  for (const auto& [name, size_ns] : kUnits) {
    if (!text->starts_with(name)) continue;
    text->remove_prefix(name.size());
    return size_ns;
  }
  return 0;
}

// Adds one "12.5ms" in front of *text to *total_ns.
bool AddTerm(std::string_view* text, uint64_t* total_ns) {
  const std::string_view whole = TakeDigits(text);
  std::string_view fraction;
  if (text->starts_with('.')) {
    text->remove_prefix(1);
    fraction = TakeDigits(text);
  }
  const uint64_t unit_ns = TakeUnit(text);
  if (unit_ns == 0 || (whole.empty() && fraction.empty())) return false;
  uint64_t term_ns = 0;
  for (const char digit : whole) {
    if (__builtin_mul_overflow(term_ns, 10, &term_ns) ||
        __builtin_add_overflow(term_ns, static_cast<uint64_t>(digit - '0'), &term_ns)) {
      return false;
    }
  }
  if (__builtin_mul_overflow(term_ns, unit_ns, &term_ns)) return false;
  uint64_t place_ns = unit_ns;  // of the digit; below a nanosecond digits count for nothing
  for (const char digit : fraction) {
    place_ns /= 10;
    if (__builtin_add_overflow(term_ns, place_ns * static_cast<uint64_t>(digit - '0'), &term_ns))
      return false;
  }
  return !__builtin_add_overflow(*total_ns, term_ns, total_ns);
}

// "1.5" + unit from a count of the unit's 1/scale parts.
void AppendDecimal(std::string& out, uint64_t parts, uint64_t scale, std::string_view unit) {
  fmt::format_to(std::back_inserter(out), "{}", parts / scale);
  if (uint64_t rest = parts % scale; rest != 0) {
    out += '.';
    while (rest != 0) {
      rest *= 10;
      out += static_cast<char>('0' + rest / scale);
      rest %= scale;
    }
  }
  out += unit;
}

}  // namespace

std::optional<int64_t> ParseDuration(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return 0;
  if (text.empty()) return std::nullopt;
  uint64_t total_ns = 0;
  while (!text.empty()) {
    if (!AddTerm(&text, &total_ns)) return std::nullopt;
  }
  constexpr uint64_t kMax = INT64_MAX;
  if (total_ns > kMax + (negative ? 1 : 0)) return std::nullopt;
  return static_cast<int64_t>(negative ? ~total_ns + 1 : total_ns);
}

std::string FormatDuration(int64_t duration_ns) {
  std::string out;
  uint64_t left_ns = static_cast<uint64_t>(duration_ns);
  if (duration_ns < 0) {
    out += '-';
    left_ns = ~left_ns + 1;
  }
  if (left_ns == 0) return "0s";
  if (left_ns < kMicrosecond) {
    AppendDecimal(out, left_ns, 1, "ns");
  } else if (left_ns < kMillisecond) {
    AppendDecimal(out, left_ns, kMicrosecond, "us");
  } else if (left_ns < kSecond) {
    AppendDecimal(out, left_ns, kMillisecond, "ms");
  } else {
    if (left_ns >= kHour) AppendDecimal(out, left_ns / kHour, 1, "h");
    left_ns %= kHour;
    if (left_ns >= kMinute) AppendDecimal(out, left_ns / kMinute, 1, "m");
    left_ns %= kMinute;
    if (left_ns != 0) AppendDecimal(out, left_ns, kSecond, "s");
  }
  return out;
}

}  // namespace taffrail::base
