// Numbers as logs write them: compared by value, whatever their notation, without losing digits.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace taffrail::expr {

// A number in JSON's grammar as a whole, nothing around it; or none.
bool ParseNumber(std::string_view text, double& number);

// mantissa / 10^scale, rounded once, as strtod would read its text.
double DecimalToDouble(int64_t mantissa, int scale);

// sign, digits without zeros at either end, and the power of ten of the last digit: equal numbers have equal
// keys
// ("1.50e1" and "15"). Empty when the text is no JSON number.
std::string NumberKey(std::string_view text);

// Integers [lo, hi]; empty when lo > hi.
struct Interval {
  int64_t lo = 0;
  int64_t hi = -1;
  bool Contains(int64_t value) const { return value >= lo && value <= hi; }
  bool empty() const { return lo > hi; }
};

enum class Ordering : uint8_t { kLess, kLessEqual, kGreater, kGreaterEqual };

bool Compare(Ordering ordering, double left, double right);

inline constexpr int kMaxScale = 19;  // digits of an int64 mantissa
using ScaledIntervals = std::array<Interval, kMaxScale + 1>;

// For each scale the mantissas m whose m / 10^scale satisfies the comparison: a column of decimals is then
// compared without touching a floating-point number.
ScaledIntervals IntervalsOf(Ordering ordering, double bound);
// Those that equal the number in `text`, digit for digit; all empty when it is no number.
ScaledIntervals IntervalsEqualTo(std::string_view text);

}  // namespace taffrail::expr
