#include "config/read_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "base/nearest.h"
#include "config/read_value.h"

namespace taffrail::config {
namespace {

// The names one level below prefix: "bytes" and "dir" below "queue.".
std::vector<std::string_view> NamesBelow(std::span<const Field> fields, std::string_view prefix,
                                         std::string_view type) {
  std::vector<std::string_view> names;
  for (const Field& field : fields) {
    if (!field.name.starts_with(prefix) || !field.IsOf(type)) continue;
    std::string_view name = field.name.substr(prefix.size());
    name = name.substr(0, name.find('.'));
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  return names;
}

// One map, and the maps in it that belong to the same struct.
class FieldReader {
 public:
  FieldReader(std::span<const Field> fields, void* object, std::string where, std::string_view type,
              Problems& problems, const OnSet& on_set)
      : fields_(fields),
        object_(object),
        where_(std::move(where)),
        type_(type),
        problems_(problems),
        on_set_(on_set) {}

  void Read(const Node& map, const std::string& prefix) {
    for (const auto& [key, value] : map.members) {
      const std::string name = prefix + key.text;
      if (const Field* field = Find(name); field != nullptr && field->IsOf(type_)) {
        ReadField(*field, key, value);
      } else if (!NamesBelow(fields_, name + ".", type_).empty()) {
        ReadSection(key, value, name + ".");
      } else {
        Unknown(key, field, prefix);
      }
    }
  }

  void CheckRequired(const Mark& mark) {
    for (const Field& field : fields_) {
      const bool applies = field.types.empty() || (!type_.empty() && field.IsOf(type_));
      if (field.is_required && applies && !seen_.contains(field.name))
        problems_.Error(mark, fmt::format("{}{} is missing", where_, field.name), std::string(field.help));
    }
  }

 private:
  const Field* Find(std::string_view name) const {
    const auto found = std::ranges::find(fields_, name, &Field::name);
    return found == fields_.end() ? nullptr : &*found;
  }

  void ReadField(const Field& field, const Node& key, const Node& value) {
    const std::string name = where_ + std::string(field.name);
    if (!seen_.insert(field.name).second) {  // once nested, once dotted: the tree has told the other cases
      problems_.Error(key.mark, fmt::format("{} stands here twice", name));
      return;
    }
    if (field.kind == Kind::kRecords) {
      ReadRecords(field, name, value);
    } else if (!ReadValue(field, name, value, object_, problems_)) {
      return;
    }
    if (on_set_) on_set_(field, key.mark);
  }

  void ReadSection(const Node& key, const Node& value, const std::string& prefix) {
    if (value.kind == Node::Kind::kMap) return Read(value, prefix);
    if (value.kind == Node::Kind::kNull) return;  // everything in it is commented out
    problems_.Error(value.mark, fmt::format("{}{} holds keys", where_, key.text),
                    fmt::format("write each on a line of its own below it: {}",
                                fmt::join(NamesBelow(fields_, prefix, type_), ", ")));
  }

  void ReadRecords(const Field& field, const std::string& name, const Node& value) {
    if (value.kind == Node::Kind::kNull) return;
    const RecordType& record = *field.records();
    if (value.kind != Node::Kind::kList) {
      problems_.Error(
          value.mark, fmt::format("{} must be a list", name),
          fmt::format("begin {} with a dash, as in `- {}: …`", record.noun, record.fields.front().name));
      return;
    }
    for (size_t i = 0; i < value.items.size(); ++i)
      ReadRecord(record, fmt::format("{}[{}].", name, i), value.items[i], field.at(object_));
  }

  void ReadRecord(const RecordType& record, const std::string& where, const Node& value, void* list) {
    if (value.kind != Node::Kind::kMap) {
      problems_.Error(value.mark, fmt::format("{} must be keys with values", record.noun),
                      fmt::format("as in `- {}: …`", record.fields.front().name));
      return;
    }
    void* const object = record.append(list);
    std::string_view type;
    if (const Node* node = value.Find("type"); node != nullptr && KnowsType(record, node->text))
      type = node->text;
    const OnSet nobody;  // asks what a record's fields were; the reader borrows it
    FieldReader reader(record.fields, object, where, type, problems_, nobody);
    reader.Read(value, "");
    reader.CheckRequired(value.mark);
    if (record.check != nullptr) record.check(object, value, problems_);
  }

  static bool KnowsType(const RecordType& record, std::string_view type) {
    const auto found = std::ranges::find(record.fields, "type", &Field::name);
    return found != record.fields.end() &&
           std::ranges::find(found->choices, type, &Choice::name) != found->choices.end();
  }

  // `elsewhere`: the field of that name that records of another type have.
  void Unknown(const Node& key, const Field* elsewhere, const std::string& prefix) {
    const std::string name = where_ + prefix + Shown(key.text);
    if (elsewhere != nullptr) {
      std::string types(elsewhere->types);
      for (size_t at = 0; (at = types.find(' ', at)) != std::string::npos; at += 2) types.insert(at, 1, ',');
      problems_.Error(key.mark, fmt::format("type {} has no {}", type_, name),
                      fmt::format("it belongs to {}", types));
      return;
    }
    const auto names = NamesBelow(fields_, prefix, type_);
    const std::string_view nearest = base::Nearest(key.text, names);
    std::string hint;
    if (!nearest.empty()) {
      hint = fmt::format("did you mean \"{}\"?", nearest);
    } else if (const std::string_view other = Elsewhere(key.text); !other.empty()) {
      hint = fmt::format("did you mean {}?", other);
    } else {
      hint = fmt::format("there are {}", fmt::join(names, ", "));
    }
    problems_.Error(key.mark, fmt::format("there is no {}", name), std::move(hint));
  }

  // A key written on the wrong level: "queue_bytes" or "bytes" for queue.bytes.
  std::string_view Elsewhere(std::string_view word) const {
    std::string dotted(word);
    std::ranges::replace(dotted, '_', '.');
    for (const Field& field : fields_) {
      std::string name(field.name);
      std::ranges::replace(name, '_', '.');
      if (field.IsOf(type_) && (name == dotted || name.ends_with("." + dotted))) return field.name;
    }
    return {};
  }

  std::span<const Field> fields_;
  void* object_;
  std::string where_;  // "sinks[2]."
  std::string_view type_;
  Problems& problems_;
  const OnSet& on_set_;
  std::set<std::string_view> seen_;
};

}  // namespace

bool Field::IsOf(std::string_view type) const {
  if (types.empty() || type.empty()) return true;
  std::string_view rest = types;
  while (!rest.empty()) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    if (word == type) return true;
    rest.remove_prefix(std::min(word.size() + 1, rest.size()));
  }
  return false;
}

void ReadFields(const Node& map, std::span<const Field> fields, void* object, Problems& problems,
                const OnSet& on_set) {
  if (map.kind == Node::Kind::kNull) return;
  if (map.kind != Node::Kind::kMap) {
    problems.Error(map.mark, "a configuration is keys with values", "as in `level: INFO`");
    return;
  }
  FieldReader(fields, object, "", "", problems, on_set).Read(map, "");
}

}  // namespace taffrail::config
