#include "redact/rule_cases.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "redact/chars.h"

namespace taffrail::redact {
namespace {

constexpr size_t kShownBytes = 80;

std::string Shown(std::string_view text) {
  std::string shown(text.substr(0, kShownBytes));
  std::ranges::replace_if(
      shown, [](char c) { return static_cast<uint8_t>(c) < ' ' || c == 0x7f; }, '?');
  return shown;
}

absl::Status Fails(const UserRule& rule, size_t number, std::string_view why, std::string_view text) {
  return absl::InvalidArgumentError(
      fmt::format("rule {}, case {}: {} \"{}\"", rule.id, number, why, Shown(text)));
}

}  // namespace

absl::Status CheckCases(const Engine& engine, std::span<const UserRule> rules) {
  Scratch scratch;
  for (const UserRule& rule : rules) {
    const absl::StatusOr<size_t> number = engine.RuleNumber(rule.id);
    if (!number.ok()) return number.status();
    if (!engine.IsEnabled(*number)) continue;
    for (size_t i = 0; i < rule.cases.size(); ++i) {
      const RuleCase& each = rule.cases[i];
      const std::string text = ExpandCase(each.text);
      engine.FindAll(text, scratch);
      const auto by = [&](auto&& is) { return std::ranges::any_of(scratch.findings, is, &Finding::rule); };
      const bool found = by([&](uint16_t of) { return of == *number; });
      if (!each.catches && found) return Fails(rule, i + 1, "takes what it is to leave:", text);
      // Where two rules begin alike, one of them is told; it does not matter which.
      const auto is_token = [](uint16_t of) { return of >= kDetectors; };
      if (each.catches && !found && !by(is_token)) return Fails(rule, i + 1, "finds nothing in", text);
    }
  }
  return absl::OkStatus();
}

}  // namespace taffrail::redact
