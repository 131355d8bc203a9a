#include <algorithm>
#include <cmath>

#include "base/duration.h"
#include "expr/units.h"
#include "fmt/format.h"
#include "query/templates/functions.h"

namespace taffrail::query::templates {
namespace {

using Arguments = std::span<const Value>;
using Result = absl::StatusOr<Value>;

// Go's integers wrap around; so does this.
int64_t Wrap(uint64_t value) { return static_cast<int64_t>(value); }

Result Add(Arguments a, CallContext&) {
  uint64_t sum = 0;
  for (const Value& value : a) sum += static_cast<uint64_t>(ToInteger(value));
  return Wrap(sum);
}
Result Subtract(Arguments a, CallContext&) {
  return Wrap(static_cast<uint64_t>(ToInteger(a[0])) - static_cast<uint64_t>(ToInteger(a[1])));
}
Result Multiply(Arguments a, CallContext&) {
  uint64_t product = 1;
  for (const Value& value : a) product *= static_cast<uint64_t>(ToInteger(value));
  return Wrap(product);
}
absl::Status CheckDivisor(int64_t divisor) {
  return divisor != 0 ? absl::OkStatus() : absl::InvalidArgumentError("integer divide by zero");
}
Result Divide(Arguments a, CallContext&) {
  const int64_t right = ToInteger(a[1]);
  TAFFRAIL_RETURN_IF_ERROR(CheckDivisor(right));
  if (right == -1) return Wrap(0 - static_cast<uint64_t>(ToInteger(a[0])));
  return ToInteger(a[0]) / right;
}
Result Modulo(Arguments a, CallContext&) {
  const int64_t right = ToInteger(a[1]);
  TAFFRAIL_RETURN_IF_ERROR(CheckDivisor(right));
  return right == -1 ? int64_t{0} : ToInteger(a[0]) % right;
}
Result Maximum(Arguments a, CallContext&) {
  int64_t best = ToInteger(a[0]);
  for (const Value& value : a) best = std::max(best, ToInteger(value));
  return best;
}
Result Minimum(Arguments a, CallContext&) {
  int64_t best = ToInteger(a[0]);
  for (const Value& value : a) best = std::min(best, ToInteger(value));
  return best;
}

Result AddFloat(Arguments a, CallContext&) {
  double sum = 0;
  for (const Value& value : a) sum += ToDouble(value);
  return sum;
}
Result SubtractFloat(Arguments a, CallContext&) {
  double rest = ToDouble(a[0]);
  for (const Value& value : a.subspan(1)) rest -= ToDouble(value);
  return rest;
}
Result MultiplyFloat(Arguments a, CallContext&) {
  double product = 1;
  for (const Value& value : a) product *= ToDouble(value);
  return product;
}
Result DivideFloat(Arguments a, CallContext&) {
  double quotient = ToDouble(a[0]);
  for (const Value& value : a.subspan(1)) quotient /= ToDouble(value);
  return quotient;
}
Result MaximumFloat(Arguments a, CallContext&) {
  double best = ToDouble(a[0]);
  for (const Value& value : a) best = std::max(best, ToDouble(value));
  return best;
}
Result MinimumFloat(Arguments a, CallContext&) {
  double best = ToDouble(a[0]);
  for (const Value& value : a) best = std::min(best, ToDouble(value));
  return best;
}
Result Ceiling(Arguments a, CallContext&) { return std::ceil(ToDouble(a[0])); }
Result Floor(Arguments a, CallContext&) { return std::floor(ToDouble(a[0])); }

// round number places [round_on]: half up unless round_on says from which fraction on.
Result Round(Arguments a, CallContext&) {
  const double number = ToDouble(a[0]);
  const double scale = std::pow(10.0, static_cast<double>(ToInteger(a[1])));
  const double limit = a.size() > 2 ? ToDouble(a[2]) : 0.5;
  const double scaled = number * scale;
  double whole = 0;
  const double fraction = std::abs(std::modf(scaled, &whole));
  if (fraction >= limit) whole += number >= 0 ? 1 : -1;
  return whole / scale;
}

Result Integer(Arguments a, CallContext&) { return ToInteger(a[0]); }
Result Float(Arguments a, CallContext&) { return ToDouble(a[0]); }

Result Bytes(Arguments a, CallContext&) {
  double size_bytes = 0;
  if (!expr::ParseByteSize(ToText(a[0]), size_bytes)) {
    return absl::InvalidArgumentError(fmt::format("bytes: \"{}\" is no size", ToText(a[0])));
  }
  return std::trunc(size_bytes);
}
Result DurationSeconds(Arguments a, CallContext&) {
  const auto duration_ns = base::ParseDuration(ToText(a[0]));
  if (!duration_ns)
    return absl::InvalidArgumentError(fmt::format("duration: \"{}\" is no duration", ToText(a[0])));
  return static_cast<double>(*duration_ns) / 1e9;
}

constexpr size_t kMany = 64;

constexpr FunctionEntry kFunctions[] = {
    {"add", 1, kMany, Add},
    {"sub", 2, 2, Subtract},
    {"mul", 1, kMany, Multiply},
    {"div", 2, 2, Divide},
    {"mod", 2, 2, Modulo},
    {"max", 1, kMany, Maximum},
    {"min", 1, kMany, Minimum},
    {"addf", 1, kMany, AddFloat},
    {"subf", 1, kMany, SubtractFloat},
    {"mulf", 1, kMany, MultiplyFloat},
    {"divf", 1, kMany, DivideFloat},
    {"maxf", 1, kMany, MaximumFloat},
    {"minf", 1, kMany, MinimumFloat},
    {"ceil", 1, 1, Ceiling},
    {"floor", 1, 1, Floor},
    {"round", 2, 3, Round},
    {"int", 1, 1, Integer},
    {"float64", 1, 1, Float},
    {"bytes", 1, 1, Bytes},
    {"duration", 1, 1, DurationSeconds},
    {"duration_seconds", 1, 1, DurationSeconds},
};

}  // namespace

std::span<const FunctionEntry> NumberFunctions() { return kFunctions; }

}  // namespace taffrail::query::templates
