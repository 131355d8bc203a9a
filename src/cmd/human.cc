#include "cmd/human.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace taffrail::cmd {
namespace {

// Two digits below ten ("1.4"), whole numbers above ("23"): more would be noise.
std::string Short(double value) {
  return value < 9.95 ? fmt::format("{:.1f}", value) : fmt::format("{:.0f}", value);
}

}  // namespace

std::string HumanBytes(uint64_t bytes) {
  static constexpr std::array<std::string_view, 6> kUnits = {"KB", "MB", "GB", "TB", "PB", "EB"};
  if (bytes < 1000) return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes) / 1000;
  size_t unit = 0;
  for (; value >= 999.5 && unit + 1 < kUnits.size(); ++unit) value /= 1000;
  return fmt::format("{} {}", Short(value), kUnits[unit]);
}

std::string HumanCount(uint64_t count) {
  std::string digits = fmt::format("{}", count);
  for (size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, 1, ' ');
  }
  return digits;
}

std::string HumanDuration(int64_t duration_ns) {
  if (duration_ns < 0) return "-" + HumanDuration(-duration_ns);
  const auto ns = static_cast<double>(duration_ns);
  if (ns < 1e3) return fmt::format("{} ns", duration_ns);
  if (ns < 999.5e3) return fmt::format("{} µs", Short(ns / 1e3));
  if (ns < 999.5e6) return fmt::format("{} ms", Short(ns / 1e6));
  if (ns < 60e9) return fmt::format("{} s", Short(ns / 1e9));
  const int64_t seconds = duration_ns / 1'000'000'000;
  if (seconds < 3600) return fmt::format("{} min {} s", seconds / 60, seconds % 60);
  if (seconds < 86400) return fmt::format("{} h {} min", seconds / 3600, seconds % 3600 / 60);
  return fmt::format("{} d {} h", seconds / 86400, seconds % 86400 / 3600);
}

std::string HumanRate(double per_second) {
  if (per_second < 999.5) return fmt::format("{:.0f}", per_second);
  if (per_second < 999.5e3) return fmt::format("{} k", Short(per_second / 1e3));
  return fmt::format("{} M", Short(per_second / 1e6));
}

}  // namespace taffrail::cmd
