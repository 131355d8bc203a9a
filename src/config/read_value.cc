#include "config/read_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/duration.h"
#include "base/nearest.h"
#include "config/show_value.h"
#include "config/units.h"
#include "record/level.h"

namespace taffrail::config {
namespace {

constexpr int64_t kMillisecondNs = 1'000'000;
constexpr int64_t kHourNs = 3'600'000 * kMillisecondNs;

template <typename T>
std::optional<T> ParseNumber(std::string_view text) {
  T number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<Level> ParseThreshold(std::string_view text) {
  if (text == "off" || text == "OFF" || text == "Off") return Level::kOff;
  return record::ParseLevelName(text);
}

std::optional<int64_t> ParseSpan(std::string_view text, int64_t unit_ns) {
  const auto span_ns = base::ParseDuration(text);
  if (!span_ns || *span_ns % unit_ns != 0) return std::nullopt;
  return *span_ns / unit_ns;
}

std::optional<Category> ParseCategory(std::string_view text) {
  for (const Category category :
       {Category::kApp, Category::kAudit, Category::kPerformance, Category::kError, Category::kSecurity}) {
    if (category_name(category) == text) return category;
  }
  return std::nullopt;
}

std::vector<std::string_view> NamesOf(std::span<const Choice> choices) {
  std::vector<std::string_view> names;
  for (const Choice& choice : choices) names.push_back(choice.name);
  return names;
}

// Of the kinds that are one integer; without its limits.
std::optional<int64_t> ParseInteger(const Field& field, std::string_view text) {
  switch (field.kind) {
    case Kind::kFlag:
      return ParseFlag(text);
    case Kind::kLevel:
      if (const auto level = ParseThreshold(text)) return static_cast<int64_t>(*level);
      return std::nullopt;
    case Kind::kChoice: {
      const auto found = std::ranges::find(field.choices, text, &Choice::name);
      if (found == field.choices.end()) return std::nullopt;
      return found->value;
    }
    case Kind::kBytes:
      return ParseBytes(text);
    case Kind::kMillis:
      return ParseSpan(text, kMillisecondNs);
    case Kind::kHours:
      return ParseSpan(text, kHourNs);
    default:
      return ParseNumber<int64_t>(text);
  }
}

bool ReadScalar(const Field& field, std::string_view text, void* object) {
  if (field.kind == Kind::kText) {
    *static_cast<std::string*>(field.at(object)) = text;
    return true;
  }
  if (field.kind == Kind::kNumber) {
    const auto number = ParseNumber<double>(text);
    if (!number || !(*number >= static_cast<double>(field.least)) ||
        !(*number <= static_cast<double>(field.most)))
      return false;
    *static_cast<double*>(field.at(object)) = *number;
    return true;
  }
  const auto value = ParseInteger(field, text);
  const bool is_number =
      field.kind != Kind::kFlag && field.kind != Kind::kLevel && field.kind != Kind::kChoice;
  if (!value || (is_number && (*value < field.least || *value > field.most))) return false;
  field.store(object, *value);
  return true;
}

std::string HintFor(const Field& field, const Node& value) {
  if (field.kind == Kind::kChoice) {
    const std::string_view nearest = base::Nearest(value.text, NamesOf(field.choices));
    return nearest.empty() ? "" : fmt::format("did you mean \"{}\"?", nearest);
  }
  const bool has_number =
      !value.text.empty() && value.text.find_first_not_of("0123456789.") == std::string::npos;
  if (has_number && field.kind == Kind::kMillis && !ParseSpan(value.text, kMillisecondNs))
    return fmt::format("a time has its unit: {}ms or {}s?", value.text, value.text);
  if (has_number && field.kind == Kind::kHours && !ParseSpan(value.text, kHourNs))
    return fmt::format("a time has its unit: {}h or {}d?", value.text, value.text);
  if (field.kind == Kind::kBytes && value.text.find_first_of("kKmMgG") == value.text.size() - 1)
    return fmt::format("{}iB of 1024 or {}B of 1000?", Shown(value.text), Shown(value.text));
  return {};
}

bool ReadCategories(const Field& field, const std::string& name, const Node& value, void* object,
                    Problems& problems) {
  std::vector<Category> categories;
  bool ok = value.kind == Node::Kind::kList || value.kind == Node::Kind::kText;
  if (!ok) problems.Error(value.mark, fmt::format("{} must be {}", name, Wanted(field)));
  const std::span<const Node> items =
      value.kind == Node::Kind::kText ? std::span(&value, 1) : std::span(value.items);
  for (const Node& item : items) {
    const auto category = ParseCategory(item.text);
    if (category) {
      categories.push_back(*category);
    } else {
      problems.Error(item.mark, fmt::format("there is no category \"{}\"", Shown(item.text)),
                     "there are app, audit, performance, error, security");
      ok = false;
    }
  }
  if (ok) *static_cast<std::vector<Category>*>(field.at(object)) = std::move(categories);
  return ok;
}

// A map of texts; `take` has one entry and says whether it makes sense.
template <typename Take>
bool ReadEntries(const Field& field, const std::string& name, const Node& value, Problems& problems,
                 const Take& take) {
  if (value.kind != Node::Kind::kMap) {
    problems.Error(value.mark, fmt::format("{} must be {}", name, Wanted(field)));
    return false;
  }
  bool ok = true;
  for (const auto& [key, entry] : value.members) {
    if (entry.kind == Node::Kind::kText && take(key.text, entry.text)) continue;
    problems.Error(entry.mark, fmt::format("{}.{} must be {}", name, Shown(key.text),
                                           field.kind == Kind::kLevels ? "a level, as in DEBUG" : "a text"));
    ok = false;
  }
  return ok;
}

}  // namespace

bool ReadValue(const Field& field, const std::string& name, const Node& value, void* object,
               Problems& problems) {
  if (value.kind == Node::Kind::kNull) {
    problems.Error(value.mark, fmt::format("{} has no value", name), "write one, or take the key out");
    return false;
  }
  if (field.kind == Kind::kCategories) return ReadCategories(field, name, value, object, problems);
  if (field.kind == Kind::kPairs) {
    auto& pairs = *static_cast<std::vector<std::pair<std::string, std::string>>*>(field.at(object));
    pairs.clear();
    return ReadEntries(field, name, value, problems, [&](const std::string& key, const std::string& text) {
      pairs.emplace_back(key, text);
      return true;
    });
  }
  if (field.kind == Kind::kLevels) {
    auto& levels = *static_cast<std::vector<std::pair<std::string, Level>>*>(field.at(object));
    levels.clear();
    return ReadEntries(field, name, value, problems, [&](const std::string& key, const std::string& text) {
      const auto level = ParseThreshold(text);
      if (level) levels.emplace_back(key, *level);
      return level.has_value();
    });
  }
  if (value.kind == Node::Kind::kText && ReadScalar(field, value.text, object)) return true;
  std::string message = fmt::format("{} must be {}", name, Wanted(field));
  if (value.kind == Node::Kind::kText && !field.is_secret)
    message += fmt::format(", not \"{}\"", Shown(value.text));
  problems.Error(value.mark, std::move(message), HintFor(field, value));
  return false;
}

std::string Wanted(const Field& field) {
  const auto range = [&](std::string_view what) {
    return field.most == INT64_MAX ? fmt::format("{} of at least {}", what, ShowInteger(field, field.least))
                                   : fmt::format("{} from {} to {}", what, ShowInteger(field, field.least),
                                                 ShowInteger(field, field.most));
  };
  switch (field.kind) {
    case Kind::kText:
      return "a text";
    case Kind::kFlag:
      return "true or false";
    case Kind::kLevel:
      return "TRACE, DEBUG, INFO, WARNING, ERROR, CRITICAL or OFF";
    case Kind::kChoice:
      return fmt::format("one of {}", fmt::join(NamesOf(field.choices), ", "));
    case Kind::kBytes:
      return range("a size");
    case Kind::kMillis:
    case Kind::kHours:
      return range("a time");
    case Kind::kCount:
      return range("a whole number");
    case Kind::kNumber:
      return range("a number");
    case Kind::kCategories:
      return "a list of app, audit, performance, error, security";
    case Kind::kPairs:
      return "names with texts";
    case Kind::kLevels:
      return "loggers with levels";
    case Kind::kRecords:
      return "a list";
  }
  return {};
}

}  // namespace taffrail::config
