#include "config/show_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "base/duration.h"
#include "config/units.h"
#include "record/json_writer.h"
#include "record/level.h"

namespace taffrail::config {
namespace {

constexpr int64_t kMillisecondNs = 1'000'000;

const void* At(const Field& field, const void* object) { return field.at(const_cast<void*>(object)); }

std::string ShowRecord(const RecordType& record, const void* object, bool hide_secrets) {
  const std::shared_ptr<const void> fresh = record.make();
  const auto type_field = std::ranges::find(record.fields, "type", &Field::name);
  std::string type;
  if (type_field != record.fields.end()) type = ShowValue(*type_field, object, false);
  std::string out = "{";
  for (const Field& field : record.fields) {
    if (!field.IsOf(type)) continue;
    std::string shown = ShowValue(field, object, false);
    // Compared as text: the way every kind has.
    if (!field.is_required && shown == ShowValue(field, fresh.get(), false)) continue;
    if (hide_secrets) shown = ShowValue(field, object, true);
    out += fmt::format("{}{}: {}", out.size() > 1 ? ", " : "", field.name, shown);
  }
  return out + "}";
}

std::string ShowRecords(const Field& field, const void* list, bool hide_secrets) {
  const RecordType& record = *field.records();
  std::string out = "[";
  for (size_t i = 0; i < record.size(list); ++i)
    out += (i == 0 ? "" : ", ") + ShowRecord(record, record.get(list, i), hide_secrets);
  return out + "]";
}

std::string ShowCategories(const std::vector<Category>& categories) {
  std::vector<std::string_view> names;
  for (const Category category : categories) names.push_back(category_name(category));
  return fmt::format("[{}]", fmt::join(names, ", "));
}

}  // namespace

std::string ShowInteger(const Field& field, int64_t value) {
  switch (field.kind) {
    case Kind::kFlag:
      return value != 0 ? "true" : "false";
    case Kind::kLevel:
      return std::string(record::LevelName(static_cast<Level>(value)));
    case Kind::kChoice: {
      const auto found = std::ranges::find(field.choices, static_cast<uint8_t>(value), &Choice::value);
      return found == field.choices.end() ? std::string() : std::string(found->name);
    }
    case Kind::kBytes:
      return FormatBytes(value);
    case Kind::kMillis:
      return value > INT64_MAX / kMillisecondNs ? fmt::format("{}ms", value)
                                                : base::FormatDuration(value * kMillisecondNs);
    case Kind::kHours:
      return value % 24 == 0 && value != 0 ? fmt::format("{}d", value / 24) : fmt::format("{}h", value);
    default:
      return fmt::format("{}", value);
  }
}

std::string ShowValue(const Field& field, const void* object, bool hide_secrets) {
  const void* const member = At(field, object);
  switch (field.kind) {
    case Kind::kText: {
      const auto& text = *static_cast<const std::string*>(member);
      if (field.is_secret && hide_secrets && !text.empty()) return "\"***\"";
      return YamlText(text);
    }
    case Kind::kNumber: {
      std::string out;
      record::AppendDouble(*static_cast<const double*>(member), out);
      return out;
    }
    case Kind::kCategories:
      return ShowCategories(*static_cast<const std::vector<Category>*>(member));
    case Kind::kPairs: {
      std::string out = "{";
      for (const auto& [name, text] :
           *static_cast<const std::vector<std::pair<std::string, std::string>>*>(member))
        out += fmt::format("{}{}: {}", out.size() > 1 ? ", " : "", YamlText(name),
                           field.is_secret && hide_secrets ? "\"***\"" : YamlText(text));
      return out + "}";
    }
    case Kind::kLevels: {
      std::string out = "{";
      for (const auto& [name, level] :
           *static_cast<const std::vector<std::pair<std::string, Level>>*>(member))
        out += fmt::format("{}{}: {}", out.size() > 1 ? ", " : "", YamlText(name), record::LevelName(level));
      return out + "}";
    }
    case Kind::kRecords:
      return ShowRecords(field, member, hide_secrets);
    default:
      return ShowInteger(field, field.load(object));
  }
}

}  // namespace taffrail::config
