#include "redact/field_path.h"

#include <fmt/format.h>

#include <algorithm>

#include "redact/chars.h"

namespace taffrail::redact {
namespace {

constexpr std::string_view kAny = "*";
constexpr std::string_view kAnyDepth = "**";
constexpr std::string_view kEveryElement = "[*]";

std::string Normal(std::string_view name) {
  std::string normal;
  for (const char c : name) {
    if (c != '-' && c != '_') normal += Lower(c);
  }
  return normal;
}

absl::Status Wrong(std::string_view path, std::string_view why) {
  return absl::InvalidArgumentError(fmt::format("the path \"{}\" {}", path.substr(0, 100), why));
}

}  // namespace

void AppendSteps(std::string_view key, std::vector<std::string>& steps) {
  while (true) {
    const size_t dot = key.find('.');
    std::string_view name = key.substr(0, dot);
    size_t elements = 0;
    for (; name.ends_with("[]"); name.remove_suffix(2)) ++elements;
    for (; name.ends_with(kEveryElement); name.remove_suffix(3)) ++elements;
    if (!name.empty()) steps.push_back(Normal(name));
    steps.insert(steps.end(), elements, std::string(kElement));
    if (dot == std::string_view::npos) return;
    key.remove_prefix(dot + 1);
  }
}

absl::StatusOr<FieldPath> FieldPath::Parse(std::string_view text) {
  FieldPath path;
  std::string_view rest = text;
  while (true) {
    const size_t dot = rest.find('.');
    std::string_view name = rest.substr(0, dot);
    size_t elements = 0;
    for (; name.ends_with(kEveryElement); name.remove_suffix(kEveryElement.size())) ++elements;
    if (name.empty() && elements == 0)
      return Wrong(text, text.empty() ? "names no field" : "has a dot without a name beside it");
    if (name.find_first_of("[]") != std::string_view::npos)
      return Wrong(text, "means one element of an array; [*] is every element, as in a[*].b");
    if (name != kAny && name != kAnyDepth && name.find('*') != std::string_view::npos)
      return Wrong(text, "has a * within a name; it stands for whole names, ** for any number of them");
    if (!name.empty() && Normal(name).empty()) return Wrong(text, "has a name of - and _ alone");
    if (!name.empty()) path.steps_.push_back(Normal(name));
    path.steps_.insert(path.steps_.end(), elements, std::string(kElement));
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  if (path.steps_.size() > kStepsMax) return Wrong(text, fmt::format("has more than {} steps", kStepsMax));
  if (std::ranges::count(path.steps_, kAnyDepth) > static_cast<ptrdiff_t>(kAnyDepthMax))
    return Wrong(text, fmt::format("has more than {} times **", kAnyDepthMax));
  const bool is_bare = text.find_first_of(".*[") == std::string_view::npos;
  if (is_bare) path.steps_.insert(path.steps_.begin(), std::string(kAnyDepth));
  return path;
}

bool FieldPath::FitsFrom(size_t step, std::span<const std::string> path) const {
  for (; step < steps_.size(); ++step) {
    if (steps_[step] == kAnyDepth) {
      for (size_t skip = 0; skip <= path.size(); ++skip) {
        if (FitsFrom(step + 1, path.subspan(skip))) return true;
      }
      return false;
    }
    if (steps_[step] != kElement) {
      while (!path.empty() && path.front() == kElement) path = path.subspan(1);
    }
    if (path.empty() || (steps_[step] != kAny && steps_[step] != path.front())) return false;
    path = path.subspan(1);
  }
  // An element of what was meant is meant too.
  return std::ranges::all_of(path, [](const std::string& left) { return left == kElement; });
}

}  // namespace taffrail::redact
