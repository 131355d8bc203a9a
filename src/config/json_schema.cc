// The tables as a JSON Schema, so that editors complete keys and mark mistakes while one types.
#include <fmt/format.h>

#include <set>

#include "config/explain.h"
#include "config/show_value.h"
#include "record/json_writer.h"

namespace taffrail::config {
namespace {

std::string Quoted(std::string_view text) {
  std::string out;
  record::AppendJsonString(text, out);
  return out;
}

constexpr std::string_view kLevelSchema =
    R"("type":"string","enum":["TRACE","DEBUG","INFO","WARNING","ERROR","CRITICAL","OFF"])";
constexpr std::string_view kCategorySchema =
    R"("type":"array","items":{"enum":["app","audit","performance","error","security"]})";

// With line ends and two spaces a level, so that a change of it can be read.
std::string Indented(std::string_view json) {
  std::string out;
  size_t depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '"' && (i == 0 || json[i - 1] != '\\')) in_string = !in_string;
    const bool closes = !in_string && (c == '}' || c == ']');
    const bool opens = !in_string && (c == '{' || c == '[');
    const bool is_empty = i > 0 && (json[i - 1] == '{' || json[i - 1] == '[');
    if (closes) --depth;
    if (closes && !is_empty) out += '\n' + std::string(2 * depth, ' ');
    out += c;
    if (opens) ++depth;
    const bool next_closes = i + 1 < json.size() && (json[i + 1] == '}' || json[i + 1] == ']');
    if ((opens && !next_closes) || (!in_string && c == ',')) out += '\n' + std::string(2 * depth, ' ');
    if (!in_string && c == ':') out += ' ';
  }
  return out + '\n';
}

class SchemaWriter {
 public:
  // The object that a table describes; tables of lists go to $defs, once each.
  std::string Object(std::span<const Field> fields, std::string_view prefix) {
    std::string properties, required;
    std::set<std::string_view> sections;
    for (const Field& field : fields) {
      if (!field.name.starts_with(prefix)) continue;
      const std::string_view name = field.name.substr(prefix.size());
      const size_t dot = name.find('.');
      const std::string_view key = name.substr(0, dot);
      if (dot != std::string_view::npos && !sections.insert(key).second) continue;
      const std::string schema = dot == std::string_view::npos
                                     ? Value(field)
                                     : Object(fields, std::string(prefix) + std::string(key) + ".");
      properties += fmt::format("{}{}:{}", properties.empty() ? "" : ",", Quoted(key), schema);
      if (field.is_required && field.types.empty())
        required += fmt::format("{}{}", required.empty() ? "" : ",", Quoted(key));
    }
    return fmt::format(
        R"({{"type":"object","additionalProperties":false,"properties":{{{}}},"required":[{}]}})", properties,
        required);
  }

  const std::string& definitions() const { return definitions_; }

 private:
  std::string Value(const Field& field) {
    return fmt::format(R"({{"description":{},{}}})", Quoted(field.help), Type(field));
  }

  std::string Type(const Field& field) {
    switch (field.kind) {
      case Kind::kText:
        return R"("type":["string","number","boolean"])";  // version: 1.4 is a text here
      case Kind::kFlag:
        return R"("type":"boolean")";
      case Kind::kLevel:
        return std::string(kLevelSchema);
      case Kind::kChoice: {
        std::string names;
        for (const Choice& choice : field.choices) names += (names.empty() ? "" : ",") + Quoted(choice.name);
        return fmt::format(R"("enum":[{}])", names);
      }
      case Kind::kBytes:
        return R"("type":["string","integer"],"pattern":"^[0-9]+(\\.[0-9]+)? ?([KMGT]iB|[kKMGT]?B)?$")";
      case Kind::kMillis:
      case Kind::kHours:
        return R"("type":["string","integer"],"pattern":"^(0|([0-9.]+(ns|us|ms|s|m|h|d|w|y))+)$")";
      case Kind::kCount:
        return fmt::format(R"("type":"integer","minimum":{},"maximum":{})", field.least, field.most);
      case Kind::kNumber:
        return fmt::format(R"("type":"number","minimum":{},"maximum":{})", field.least, field.most);
      case Kind::kCategories:
        return std::string(kCategorySchema);
      case Kind::kPairs:
        return R"("type":"object","additionalProperties":{"type":["string","number","boolean"]})";
      case Kind::kLevels:
        return fmt::format(R"("type":"object","additionalProperties":{{{}}})", kLevelSchema);
      case Kind::kRecords:
        return fmt::format(R"("type":["array","null"],"items":{{"$ref":"#/$defs/{}"}})",
                           Define(*field.records()));
    }
    return {};
  }

  // The name of the definition: the noun without its article.
  std::string Define(const RecordType& record) {
    const std::string name(record.noun.substr(record.noun.find(' ') + 1));
    // Rules of three kinds share a noun, not their keys.
    const std::string key = fmt::format("{}_{}", name, record.fields.front().name);
    if (defined_.insert(key).second) {
      const std::string object = Object(record.fields, "");
      definitions_ += fmt::format("{}{}:{}", definitions_.empty() ? "" : ",", Quoted(key), object);
    }
    return key;
  }

  std::set<std::string> defined_;
  std::string definitions_;
};

}  // namespace

std::string JsonSchema() {
  SchemaWriter writer;
  std::string root = writer.Object(SettingsFields(), "");
  root.pop_back();
  const std::string_view members = std::string_view(root).substr(1);
  return Indented(fmt::format(R"({{"$schema":"https://json-schema.org/draft/2020-12/schema",)"
                              R"("title":"Taffrail logging",{},"$defs":{{{}}}}})",
                              members, writer.definitions()));
}

}  // namespace taffrail::config
