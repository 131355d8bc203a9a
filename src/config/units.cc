#include "config/units.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "record/json_writer.h"

namespace taffrail::config {
namespace {

constexpr std::pair<std::string_view, int64_t> kBinary[] = {
    {"TiB", int64_t{1} << 40}, {"GiB", int64_t{1} << 30}, {"MiB", int64_t{1} << 20}, {"KiB", 1 << 10}};
constexpr std::pair<std::string_view, int64_t> kDecimal[] = {{"TB", 1'000'000'000'000},
                                                             {"GB", 1'000'000'000},
                                                             {"MB", 1'000'000},
                                                             {"kB", 1'000},
                                                             {"KB", 1'000},
                                                             {"B", 1},
                                                             {"", 1}};

std::optional<int64_t> UnitBytes(std::string_view unit) {
  for (const auto& [name, bytes] : kBinary) {
    if (unit == name) return bytes;
  }
  for (const auto& [name, bytes] : kDecimal) {
    if (unit == name) return bytes;
  }
  return std::nullopt;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return lower;
}

bool IsPlainChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '.' || c == '/' || c == '+';
}

}  // namespace

std::optional<int64_t> ParseBytes(std::string_view text) {
  size_t digits = 0;
  while (digits < text.size() && ((text[digits] >= '0' && text[digits] <= '9') || text[digits] == '.'))
    ++digits;
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + digits, number, std::chars_format::fixed);
  if (error != std::errc() || end != text.data() + digits) return std::nullopt;
  std::string_view unit = text.substr(digits);
  if (unit.starts_with(' ')) unit.remove_prefix(1);
  const auto unit_bytes = UnitBytes(unit);
  if (!unit_bytes) return std::nullopt;
  const double bytes = number * static_cast<double>(*unit_bytes);
  // Beyond 2^53 a double skips whole bytes; nobody has such a limit.
  if (bytes > 0x1p53 || bytes != std::floor(bytes)) return std::nullopt;
  return static_cast<int64_t>(bytes);
}

std::string FormatBytes(int64_t bytes) {
  for (const auto& [name, unit_bytes] : kBinary) {
    if (bytes != 0 && bytes % unit_bytes == 0) return std::to_string(bytes / unit_bytes) + std::string(name);
  }
  return std::to_string(bytes);
}

std::optional<bool> ParseFlag(std::string_view text) {
  const std::string lower = Lower(text);
  if (lower == "true" || lower == "yes" || lower == "on") return true;
  if (lower == "false" || lower == "no" || lower == "off") return false;
  return std::nullopt;
}

std::string YamlText(std::string_view text) {
  const bool is_plain = !text.empty() && std::ranges::all_of(text, IsPlainChar) && text != "null" &&
                        text.front() != '-' && text.front() != '.';
  if (is_plain) return std::string(text);
  std::string dollars;  // ${} is filled in before anything else looks
  for (const char c : text) dollars.append(c == '$' ? 2 : 1, c);
  std::string quoted;
  record::AppendJsonString(dollars, quoted);
  return quoted;
}

}  // namespace taffrail::config
