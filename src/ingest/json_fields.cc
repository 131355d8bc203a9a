#include "ingest/json_fields.h"

#include <simdjson.h>

#include <cassert>

namespace taffrail::ingest {
namespace {

// Beyond it values are left alone; the parser itself stops at 1024.
constexpr int kMaxDepth = 64;

class Walk {
 public:
  Walk(const char* origin, std::vector<JsonField>& fields) : origin_(origin), fields_(fields) {}

  bool Object(simdjson::ondemand::object object, const std::string& prefix, int depth) {
    for (auto field : object) {
      std::string_view key;
      if (field.unescaped_key().get(key) != simdjson::SUCCESS) return false;
      const std::string path = prefix.empty() ? std::string(key) : prefix + "." + std::string(key);
      simdjson::ondemand::value value;
      if (field.value().get(value) != simdjson::SUCCESS || !Value(value, path, depth)) return false;
    }
    return true;
  }

 private:
  bool Value(simdjson::ondemand::value value, const std::string& path, int depth) {
    simdjson::ondemand::json_type type{};
    if (value.type().get(type) != simdjson::SUCCESS) return false;
    if (type == simdjson::ondemand::json_type::object) {
      simdjson::ondemand::object inner;
      if (value.get_object().get(inner) != simdjson::SUCCESS) return false;
      return depth >= kMaxDepth || Object(inner, path, depth + 1);
    }
    if (type == simdjson::ondemand::json_type::array) {
      simdjson::ondemand::array inner;
      if (value.get_array().get(inner) != simdjson::SUCCESS) return false;
      if (depth >= kMaxDepth) return true;
      for (auto element : inner) {
        simdjson::ondemand::value item;
        if (element.get(item) != simdjson::SUCCESS || !Value(item, path, depth + 1)) return false;
      }
      return true;
    }
    // Up to the next token, so with the white space before it.
    std::string_view token = value.raw_json_token();
    while (!token.empty() && (token.back() == ' ' || token.back() == '\t' || token.back() == '\r')) {
      token.remove_suffix(1);
    }
    JsonField field;
    field.path = path;
    field.begin = static_cast<size_t>(token.data() - origin_);
    field.end = field.begin + token.size();
    field.is_string = type == simdjson::ondemand::json_type::string;
    if (field.is_string) {
      std::string_view text;
      if (value.get_string().get(text) != simdjson::SUCCESS) return false;
      field.text = text;
    } else if (type != simdjson::ondemand::json_type::null) {
      field.text = token;
    }
    fields_.push_back(std::move(field));
    return true;
  }

  const char* const origin_;
  std::vector<JsonField>& fields_;
};

}  // namespace

std::vector<JsonField> JsonFieldsOf(std::string_view line) {
  std::vector<JsonField> fields;
  thread_local simdjson::ondemand::parser parser;
  const simdjson::padded_string padded(line);
  simdjson::ondemand::document document;
  simdjson::ondemand::object object;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
      document.get_object().get(object) != simdjson::SUCCESS) {
    return fields;
  }
  if (!Walk(padded.data(), fields).Object(object, "", 0)) fields.clear();
  return fields;
}

std::string ReplaceIn(std::string_view line, const std::vector<Replacement>& replacements) {
  std::string out;
  size_t at = 0;
  for (const Replacement& replacement : replacements) {
    assert(replacement.begin >= at && replacement.end <= line.size());
    out.append(line.substr(at, replacement.begin - at)).append(replacement.json);
    at = replacement.end;
  }
  return out.append(line.substr(at));
}

std::string WithMembers(std::string_view line, std::string_view members) {
  const size_t brace = line.rfind('}');
  assert(brace != std::string_view::npos);
  const std::string_view before = line.substr(0, brace);
  const size_t last = before.find_last_not_of(" \t\r\n");
  std::string out(before);
  if (last != std::string_view::npos && before[last] != '{') out += ',';
  return out.append(members).append(line.substr(brace));
}

}  // namespace taffrail::ingest
