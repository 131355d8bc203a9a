#include "config/explain.h"

#include <fmt/format.h>

#include "config/show_value.h"
#include "record/json_writer.h"

namespace taffrail::config {
namespace {

std::string Quoted(std::string_view text) {
  std::string out;
  record::AppendJsonString(text, out);
  return out;
}

std::string_view NameOf(Origin::Kind kind) {
  switch (kind) {
    case Origin::Kind::kDefault:
      return "default";
    case Origin::Kind::kPreset:
      return "preset";
    case Origin::Kind::kFile:
      return "file";
    case Origin::Kind::kEnvironment:
      return "environment";
  }
  return {};
}

std::string OriginText(const Origin& origin, std::string_view file) {
  switch (origin.kind) {
    case Origin::Kind::kDefault:
      return "default";
    case Origin::Kind::kPreset:
      return "preset " + origin.where;
    case Origin::Kind::kFile:
      return fmt::format("{}:{}", file, origin.mark.line);
    case Origin::Kind::kEnvironment:
      return "$" + origin.where;
  }
  return {};
}

}  // namespace

std::vector<Setting> Effective(const Loaded& loaded) {
  std::vector<Setting> settings;
  for (const Field& field : SettingsFields()) {
    const auto origin = loaded.origins.find(field.name);
    settings.push_back({field.name, ShowValue(field, &loaded.settings, true),
                        origin == loaded.origins.end() ? Origin() : origin->second});
  }
  return settings;
}

std::string EffectiveYaml(const Loaded& loaded, std::string_view file) {
  constexpr size_t kOriginColumn = 44;  // beyond most values; a longer one pushes its comment out
  std::string out, section;
  for (const Setting& setting : Effective(loaded)) {
    const size_t dot = setting.key.find('.');
    const std::string_view now = dot == std::string_view::npos ? "" : setting.key.substr(0, dot);
    if (now != section && !now.empty()) out += fmt::format("{}:\n", now);
    section = now;
    const std::string line = now.empty()
                                 ? fmt::format("{}: {}", setting.key, setting.value)
                                 : fmt::format("  {}: {}", setting.key.substr(dot + 1), setting.value);
    out += fmt::format("{:<{}} # {}\n", line, kOriginColumn, OriginText(setting.origin, file));
  }
  return out;
}

std::string ExplainJson(const Loaded& loaded, const std::vector<ConfigProblem>& problems, bool ok,
                        std::string_view file) {
  std::string out = fmt::format(R"({{"ok":{},"file":{},"problems":[)", ok, Quoted(file));
  for (const ConfigProblem& problem : problems) {
    out += fmt::format(R"({}{{"severity":"{}","file":{},"line":{},"column":{},"message":{},"hint":{}}})",
                       out.back() == '[' ? "" : ",", problem.is_error ? "error" : "warning",
                       Quoted(problem.file), problem.line, problem.column, Quoted(problem.message),
                       Quoted(problem.hint));
  }
  out += R"(],"settings":[)";
  for (const Setting& setting : Effective(loaded)) {
    out += fmt::format(R"({}{{"key":{},"value":{},"origin":"{}","where":{},"line":{}}})",
                       out.back() == '[' ? "" : ",", Quoted(setting.key), Quoted(setting.value),
                       NameOf(setting.origin.kind), Quoted(setting.origin.where), setting.origin.mark.line);
  }
  return out + "]}\n";
}

}  // namespace taffrail::config
