#include "server/params.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/time_text.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace taffrail::server {

const std::string* Params::Find(std::string_view name) {
  known_.push_back(name);
  return parameters_.Find(name);
}

void Params::Fail(const std::string& message) {
  if (status_.ok()) status_ = absl::InvalidArgumentError(message);
}

std::string Params::Text(std::string_view name, std::string_view fallback) {
  const std::string* const value = Find(name);
  return value != nullptr ? *value : std::string(fallback);
}

std::vector<std::string> Params::List(std::string_view name) {
  std::vector<std::string> items;
  const std::string* const value = Find(name);
  std::string_view rest = value != nullptr ? std::string_view(*value) : std::string_view();
  while (!rest.empty()) {
    const size_t comma = rest.find(',');
    const std::string_view item = rest.substr(0, comma);
    if (!item.empty()) items.emplace_back(item);
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
  }
  return items;
}

uint64_t Params::Count(std::string_view name, uint64_t fallback, uint64_t most) {
  const std::string* const value = Find(name);
  if (value == nullptr) return fallback;
  uint64_t count = 0;
  const auto [stop, error] = std::from_chars(value->data(), value->data() + value->size(), count);
  if (error != std::errc() || stop != value->data() + value->size() || count > most) {
    Fail(fmt::format("parameter {}: \"{}\" is not a number from 0 to {}", name, *value, most));
    return fallback;
  }
  return count;
}

bool Params::Flag(std::string_view name) {
  const std::string* const value = Find(name);
  if (value == nullptr || *value == "0" || *value == "false") return false;
  if (!value->empty() && *value != "1" && *value != "true") {
    Fail(fmt::format("parameter {}: \"{}\" is neither true nor false", name, *value));
  }
  return true;
}

std::string Params::Choice(std::string_view name, std::span<const std::string_view> choices) {
  const std::string* const value = Find(name);
  if (value == nullptr) return std::string(*choices.begin());
  if (std::find(choices.begin(), choices.end(), *value) == choices.end()) {
    Fail(fmt::format("parameter {}: \"{}\" is none of {}", name, *value, fmt::join(choices, ", ")));
    return std::string(*choices.begin());
  }
  return *value;
}

int64_t Params::Time(std::string_view name, int64_t fallback_ns) {
  const std::string* const value = Find(name);
  if (value == nullptr || value->empty()) return fallback_ns;
  const absl::StatusOr<int64_t> time_ns = base::ParseTimeArg(*value, now_ns_);
  if (time_ns.ok()) return *time_ns;
  Fail(fmt::format("parameter {}: {}", name, std::string(time_ns.status().message())));
  return fallback_ns;
}

store::TimeRange Params::Range(int64_t default_ns) {
  store::TimeRange range;
  range.from_ns = Time("from", default_ns == 0 ? INT64_MIN : now_ns_ - default_ns);
  range.to_ns = Time("to", INT64_MAX);
  if (range.from_ns > range.to_ns) Fail("parameter from: is after parameter to");
  return range;
}

absl::Status Params::Finish() const {
  if (!status_.ok()) return status_;
  for (const auto& [name, value] : parameters_) {
    if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
    return absl::InvalidArgumentError(
        fmt::format("there is no parameter {}; there are {}", name, fmt::join(known_, ", ")));
  }
  return absl::OkStatus();
}

}  // namespace taffrail::server
