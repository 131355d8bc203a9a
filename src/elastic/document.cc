#include "elastic/document.h"

#include <algorithm>

#include "base/time_text.h"
#include "expr/wildcard.h"
#include "query/lang/elastic/fields.h"
#include "query/lang/elastic/index.h"
#include "query/plan/record_id.h"
#include "record/well_known.h"

namespace taffrail::elastic {
namespace {

namespace lang = query::lang::elastic;
using lang::Json;

Json TextJson(std::string_view text) {
  Json json;
  json.kind = Json::Kind::kString;
  json.text = text;
  return json;
}

// Of a line: as deep as a record may be (record/json_scan.h), and no value more than its bytes.
constexpr lang::JsonLimits kLineLimits = {.depth = 1100, .values = SIZE_MAX};

bool IsBelow(std::string_view path, std::string_view parent) {
  return path.size() > parent.size() && path.starts_with(parent) && path[parent.size()] == '.';
}

bool Covers(const std::vector<std::string>& patterns, std::string_view path) {
  for (size_t end = path.size();; end = path.rfind('.', end - 1)) {
    if (end == std::string_view::npos) return false;
    const std::string_view part = path.substr(0, end);
    const bool found = std::any_of(patterns.begin(), patterns.end(), [part](const std::string& pattern) {
      return MatchesPattern(pattern, part);
    });
    if (found) return true;
    if (end == 0) return false;
  }
}

// Objects that have lost all of their members are left out, as they had been asked for by name.
bool AppendChosen(const Json& json, const std::string& path, const std::vector<std::string>& includes,
                  const std::vector<std::string>& excludes, std::string& out) {
  if (!path.empty() && Covers(excludes, path)) return false;
  if (!json.IsObject() || (json.members.empty() && !path.empty())) {
    if (!includes.empty() && !Covers(includes, path)) return false;
    lang::AppendJson(json, out);
    return true;
  }
  const size_t begin = out.size();
  out += '{';
  for (const auto& [name, value] : json.members) {
    const size_t before = out.size();
    if (out.back() != '{' || before > begin + 1) out += ',';
    lang::AppendJson(TextJson(name), out);
    out += ':';
    if (!AppendChosen(value, path.empty() ? name : path + "." + name, includes, excludes, out))
      out.resize(before);
  }
  const bool is_empty = out.size() == begin + 1;
  if (is_empty && !path.empty()) {
    out.resize(begin);
    return false;
  }
  out += '}';
  return true;
}

}  // namespace

bool MatchesPattern(std::string_view pattern, std::string_view path) {
  if (pattern.find('*') == std::string_view::npos) return pattern == path;
  return expr::Wildcard(pattern, false).Matches(path);
}

Document::Document(const query::exec::LogRow& row)
    : timestamp_ns_(row.timestamp_ns),
      sequence_(row.sequence),
      id_(query::plan::MakeRecordId(row.timestamp_ns, row.sequence)) {
  auto parsed = lang::ParseJson(row.line, kLineLimits);
  if (parsed.ok() && parsed->IsObject()) {
    source_ = *std::move(parsed);
    line_ = row.line;
  } else {
    source_.kind = Json::Kind::kObject;
    source_.members.emplace_back("message", TextJson(row.line));
  }
  Flatten(source_, "");
  AddMissing(row);
  leaves_.clear();
  Flatten(source_, "");
  std::string level;
  for (const std::string_view path : record::PathsOf(record::Role::kLevel)) {
    level = Text(path);
    if (!level.empty()) break;
  }
  if (level.empty()) level = Text("detected_level");
  index_ = lang::IndexOf(timestamp_ns_, level, [this](std::string_view path) { return Text(path); });
}

void Document::AddMissing(const query::exec::LogRow& row) {
  const auto add = [this](const std::string& name, Json value) {
    const bool is_there = std::any_of(leaves_.begin(), leaves_.end(), [&name](const Leaf& leaf) {
      return leaf.first == name || IsBelow(leaf.first, name);
    });
    if (is_there) return;
    source_.members.emplace_back(name, std::move(value));
    line_.clear();
  };
  add("@timestamp", TextJson(base::FormatRfc3339(timestamp_ns_, timestamp_ns_ % 1'000'000 == 0 ? 3 : 9)));
  if (const auto attributes = lang::ParseJson(row.attributes, kLineLimits); attributes.ok()) {
    for (const auto& [name, value] : attributes->members) add(name, value);
  }
  if (row.labels == nullptr) return;
  for (const auto& [name, value] : *row.labels) add(name, TextJson(value));
}

void Document::Flatten(const Json& object, const std::string& prefix) {
  for (const auto& [name, value] : object.members) {
    std::string path = prefix.empty() ? name : prefix + "." + name;
    if (value.IsObject() && !value.members.empty()) {
      Flatten(value, path);
    } else {
      leaves_.emplace_back(std::move(path), &value);
    }
  }
}

const Json* Document::Find(std::string_view path) const {
  const auto found =
      std::find_if(leaves_.begin(), leaves_.end(), [path](const Leaf& leaf) { return leaf.first == path; });
  return found == leaves_.end() ? nullptr : found->second;
}

std::string Document::Text(std::string_view path) const {
  const Json* const json = Find(path);
  return json != nullptr && json->IsScalar() && !json->IsNull() ? json->ToText() : "";
}

void Document::AppendSource(const std::vector<std::string>& includes,
                            const std::vector<std::string>& excludes, std::string& out) const {
  if (!includes.empty() || !excludes.empty()) {
    AppendChosen(source_, "", includes, excludes, out);
    return;
  }
  if (line_.empty()) return lang::AppendJson(source_, out);
  // The stored bytes, but on one line: inside of strings JSON has no control characters.
  const size_t begin = out.size();
  out += line_;
  std::replace_if(
      out.begin() + static_cast<ptrdiff_t>(begin), out.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
}

}  // namespace taffrail::elastic
