#include "expr/units.h"

#include <charconv>
#include <cmath>
#include <string>
#include <utility>

#include "expr/words.h"

namespace taffrail::expr {
namespace {

constexpr std::pair<std::string_view, double> kDurationUnits[] = {
    {"ns", 1},   {"us", 1e3}, {"\u00b5s", 1e3}, {"\u03bcs", 1e3},
    {"ms", 1e6}, {"s", 1e9},  {"m", 60e9},      {"h", 3600e9},
};

constexpr std::pair<std::string_view, double> kByteUnits[] = {
    {"", 1},
    {"b", 1},
    {"k", 1e3},
    {"kb", 1e3},
    {"ki", 1024.0},
    {"kib", 1024.0},
    {"m", 1e6},
    {"mb", 1e6},
    {"mi", 1048576.0},
    {"mib", 1048576.0},
    {"g", 1e9},
    {"gb", 1e9},
    {"gi", 1073741824.0},
    {"gib", 1073741824.0},
    {"t", 1e12},
    {"tb", 1e12},
    {"ti", 1099511627776.0},
    {"tib", 1099511627776.0},
    {"p", 1e15},
    {"pb", 1e15},
    {"pi", 1125899906842624.0},
    {"pib", 1125899906842624.0},
    {"e", 1e18},
    {"eb", 1e18},
    {"ei", 1152921504606846976.0},
    {"eib", 1152921504606846976.0},
};

constexpr double kTooManyBytes = 18446744073709551616.0;  // 2^64

// Takes digits with at most one '.' from the front: "1", "1.5", ".5", "1.".
bool TakeDecimal(std::string_view& text, double& number) {
  size_t n = 0;
  size_t points = 0;
  while (n < text.size() && ((text[n] >= '0' && text[n] <= '9') || text[n] == '.'))
    points += text[n++] == '.';
  if (n == points || points > 1) return false;
  const auto result = std::from_chars(text.data(), text.data() + n, number, std::chars_format::fixed);
  if (result.ec != std::errc()) return false;
  text.remove_prefix(n);
  return true;
}

template <size_t kSize>
bool FindUnit(const std::pair<std::string_view, double> (&units)[kSize], std::string_view name,
              double& factor) {
  for (const auto& [unit, value] : units) {
    if (unit == name) {
      factor = value;
      return true;
    }
  }
  return false;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// "1_000": Go takes underscores between digits. False: one stands elsewhere.
bool TakeUnderscores(std::string_view text, std::string& out) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') {
      out += text[i];
    } else if (i == 0 || i + 1 == text.size() || !IsDigit(text[i - 1]) || !IsDigit(text[i + 1])) {
      return false;
    }
  }
  return true;
}

bool ParseFloat(std::string_view text, double& number) {
  std::string without;
  if (text.find('_') != std::string_view::npos) {
    if (!TakeUnderscores(text, without)) return false;
    text = without;
  }
  if (!text.empty() && text[0] == '+') text.remove_prefix(1);
  if (text.empty() || text[0] == '+') return false;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  return result.ec == std::errc() && result.ptr == text.data() + text.size();
}

}  // namespace

bool ParseDuration(std::string_view text, double& duration_ns) {
  const bool negative = !text.empty() && text[0] == '-';
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  duration_ns = 0;
  if (text == "0") return true;
  if (text.empty()) return false;
  while (!text.empty()) {
    double number = 0;
    double factor = 0;
    if (!TakeDecimal(text, number)) return false;
    const size_t size = text.find_first_of("0123456789.");
    if (!FindUnit(kDurationUnits, text.substr(0, size), factor)) return false;
    duration_ns += number * factor;
    text.remove_prefix(size == std::string_view::npos ? text.size() : size);
  }
  if (negative) duration_ns = -duration_ns;
  return true;
}

bool ParseByteSize(std::string_view text, double& size_bytes) {
  std::string digits;
  while (!text.empty() && ((text[0] >= '0' && text[0] <= '9') || text[0] == '.' || text[0] == ',')) {
    if (text[0] != ',') digits += text[0];
    text.remove_prefix(1);
  }
  while (!text.empty() && text[0] == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  std::string unit;
  AppendFolded(text, unit);
  std::string_view rest = digits;
  double number = 0;
  double factor = 0;
  if (!TakeDecimal(rest, number) || !FindUnit(kByteUnits, unit, factor)) return false;
  size_bytes = std::floor(number * factor);  // whole bytes
  return size_bytes < kTooManyBytes;
}

bool ParseQuantity(Expr::Unit unit, std::string_view text, double& number) {
  switch (unit) {
    case Expr::Unit::kDuration:
      return ParseDuration(text, number);
    case Expr::Unit::kBytes:
      return ParseByteSize(text, number);
    case Expr::Unit::kNone:
      break;
  }
  return ParseFloat(text, number);
}

}  // namespace taffrail::expr
