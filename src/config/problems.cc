#include "config/problems.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace taffrail {

std::string ConfigProblem::text() const {
  std::string out = file;
  if (line > 0) out += fmt::format(":{}:{}", line, column);
  if (!out.empty()) out += ": ";
  out += fmt::format("{}: {}", is_error ? "error" : "warning", message);
  if (!hint.empty()) out += "; " + hint;
  return out;
}

bool ConfigResult::ok() const {
  return std::ranges::none_of(problems, [](const ConfigProblem& problem) { return problem.is_error; });
}

std::string ConfigResult::text() const {
  std::string out;
  for (const ConfigProblem& problem : problems) out += problem.text() + '\n';
  return out;
}

namespace config {

void Problems::Error(const Mark& mark, std::string message, std::string hint) {
  ++errors_;
  Add(true, mark, std::move(message), std::move(hint));
}

void Problems::Warn(const Mark& mark, std::string message, std::string hint) {
  Add(false, mark, std::move(message), std::move(hint));
}

void Problems::Add(bool is_error, const Mark& mark, std::string message, std::string hint) {
  if (problems_.size() > kProblemsMax) return;
  if (problems_.size() == kProblemsMax) {
    problems_.push_back({.file = file_, .message = "there are more mistakes than are shown"});
    return;
  }
  problems_.push_back({file_, mark.line, mark.column, is_error, std::move(message), std::move(hint)});
}

std::vector<ConfigProblem> Problems::Take() {
  const auto place = [](const ConfigProblem& problem) {
    return std::tuple(problem.line == 0, problem.line, problem.column);  // what has no place comes last
  };
  std::ranges::stable_sort(problems_, {}, place);
  errors_ = 0;
  return std::exchange(problems_, {});
}

std::string Shown(std::string_view text) {
  constexpr size_t kShownBytes = 80;
  std::string out;
  for (const char c : text.substr(0, kShownBytes)) out += c >= ' ' && c != 0x7f ? c : '?';
  if (text.size() > kShownBytes) out += "…";
  return out;
}

}  // namespace config
}  // namespace taffrail
