#include "expr/number.h"

#include <charconv>
#include <cmath>
#include <limits>

#include "fmt/format.h"

namespace taffrail::expr {
namespace {

constexpr double kPowersOfTen[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr int64_t kExactDouble = int64_t{1} << 53;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The parts of a JSON number; views into the text.
struct Parts {
  bool negative = false;
  std::string_view integer;
  std::string_view fraction;
  std::string_view exponent;  // with sign
};

std::string_view TakeDigits(std::string_view& text) {
  size_t n = 0;
  while (n < text.size() && IsDigit(text[n])) ++n;
  const std::string_view digits = text.substr(0, n);
  text.remove_prefix(n);
  return digits;
}

bool Split(std::string_view text, Parts& parts) {
  if (!text.empty() && text[0] == '-') {
    parts.negative = true;
    text.remove_prefix(1);
  }
  parts.integer = TakeDigits(text);
  if (parts.integer.empty() || (parts.integer.size() > 1 && parts.integer[0] == '0')) return false;
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    parts.fraction = TakeDigits(text);
    if (parts.fraction.empty()) return false;
  }
  if (!text.empty() && (text[0] == 'e' || text[0] == 'E')) {
    const std::string_view from = text.substr(1);
    text.remove_prefix(1);
    if (!text.empty() && (text[0] == '+' || text[0] == '-')) text.remove_prefix(1);
    if (TakeDigits(text).empty()) return false;
    parts.exponent = from.substr(0, from.size() - text.size());
  }
  return text.empty();
}

// Exponents beyond a million only serve to overflow.
int64_t ClampedExponent(std::string_view text) {
  constexpr int64_t kLimit = 1'000'000;
  if (text.empty()) return 0;
  if (text[0] == '+') text.remove_prefix(1);
  int64_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc()) return text[0] == '-' ? -kLimit : kLimit;
  return value > kLimit ? kLimit : value < -kLimit ? -kLimit : value;
}

struct Canonical {
  bool negative = false;
  std::string digits;  // "0" for zero
  int64_t exponent = 0;
};

bool Canonicalize(std::string_view text, Canonical& number) {
  Parts parts;
  if (!Split(text, parts)) return false;
  number.digits.assign(parts.integer).append(parts.fraction);
  number.exponent = ClampedExponent(parts.exponent) - static_cast<int64_t>(parts.fraction.size());
  const size_t first = number.digits.find_first_not_of('0');
  if (first == std::string::npos) {
    number = {false, "0", 0};
    return true;
  }
  const size_t last = number.digits.find_last_not_of('0');
  number.exponent += static_cast<int64_t>(number.digits.size() - 1 - last);
  number.digits = number.digits.substr(first, last - first + 1);
  number.negative = parts.negative;
  return true;
}

// The smallest mantissa for which `satisfied` holds, given that it holds from some point on; none when it
// never does.
template <typename F>
std::optional<int64_t> FirstMantissa(F&& satisfied) {
  int64_t lo = std::numeric_limits<int64_t>::min();
  int64_t hi = std::numeric_limits<int64_t>::max();
  if (!satisfied(hi)) return std::nullopt;
  while (lo < hi) {
    const int64_t mid =
        lo + static_cast<int64_t>((static_cast<uint64_t>(hi) - static_cast<uint64_t>(lo)) / 2);
    if (satisfied(mid)) {
      hi = mid;
    } else {
      lo = mid + 1;
    }
  }
  return lo;
}

constexpr Interval kNone = {0, -1};

Interval AtLeast(std::optional<int64_t> first) {
  return first ? Interval{*first, std::numeric_limits<int64_t>::max()} : kNone;
}

Interval Below(std::optional<int64_t> first) {
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  if (!first) return {kMin, std::numeric_limits<int64_t>::max()};
  return *first == kMin ? kNone : Interval{kMin, *first - 1};
}

}  // namespace

bool ParseNumber(std::string_view text, double& number) {
  Parts parts;
  if (!Split(text, parts)) return false;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec == std::errc::result_out_of_range) {
    Canonical canonical;
    Canonicalize(text, canonical);
    const bool huge = canonical.exponent + static_cast<int64_t>(canonical.digits.size()) > 0;
    const double magnitude = huge ? std::numeric_limits<double>::infinity() : 0.0;
    number = canonical.negative ? -magnitude : magnitude;
  }
  return true;
}

double DecimalToDouble(int64_t mantissa, int scale) {
  // Both operands are exact, so the division rounds once.
  if (mantissa > -kExactDouble && mantissa < kExactDouble && scale <= 22) {
    return static_cast<double>(mantissa) / kPowersOfTen[scale];
  }
  double number = 0;
  ParseNumber(fmt::format("{}e-{}", mantissa, scale), number);
  return number;
}

std::string NumberKey(std::string_view text) {
  Canonical number;
  if (!Canonicalize(text, number)) return {};
  return fmt::format("{}{}e{}", number.negative ? "-" : "", number.digits, number.exponent);
}

bool Compare(Ordering ordering, double left, double right) {
  switch (ordering) {
    case Ordering::kLess:
      return left < right;
    case Ordering::kLessEqual:
      return left <= right;
    case Ordering::kGreater:
      return left > right;
    case Ordering::kGreaterEqual:
      return left >= right;
  }
  return false;
}

ScaledIntervals IntervalsOf(Ordering ordering, double bound) {
  ScaledIntervals intervals;
  intervals.fill(kNone);
  if (std::isnan(bound)) return intervals;
  for (int scale = 0; scale <= kMaxScale; ++scale) {
    // Rounding is monotonic, so each comparison holds on one side of a mantissa that bisection finds.
    const auto at_least = FirstMantissa([&](int64_t m) { return DecimalToDouble(m, scale) >= bound; });
    const auto above = FirstMantissa([&](int64_t m) { return DecimalToDouble(m, scale) > bound; });
    switch (ordering) {
      case Ordering::kLess:
        intervals[scale] = Below(at_least);
        break;
      case Ordering::kLessEqual:
        intervals[scale] = Below(above);
        break;
      case Ordering::kGreater:
        intervals[scale] = AtLeast(above);
        break;
      case Ordering::kGreaterEqual:
        intervals[scale] = AtLeast(at_least);
        break;
    }
  }
  return intervals;
}

ScaledIntervals IntervalsEqualTo(std::string_view text) {
  ScaledIntervals intervals;
  intervals.fill(kNone);
  Canonical number;
  if (!Canonicalize(text, number)) return intervals;
  for (int scale = 0; scale <= kMaxScale; ++scale) {
    const int64_t zeros = number.exponent + scale;  // to append to the digits
    if (zeros < 0 && number.digits != "0") continue;
    if (zeros > kMaxScale && number.digits != "0") continue;
    std::string mantissa = number.negative ? "-" : "";
    mantissa += number.digits;
    if (number.digits != "0") mantissa.append(static_cast<size_t>(zeros), '0');
    int64_t value = 0;
    const char* end = mantissa.data() + mantissa.size();
    const auto result = std::from_chars(mantissa.data(), end, value);
    if (result.ec == std::errc() && result.ptr == end) intervals[scale] = {value, value};
  }
  return intervals;
}

}  // namespace taffrail::expr
