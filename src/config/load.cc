#include "config/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/env.h"
#include "base/nearest.h"
#include "config/read_fields.h"
#include "config/show_value.h"
#include "config/yaml_tree.h"
#include "log/presets.h"

namespace taffrail::config {
namespace {

constexpr std::string_view kLayouts[] = {"auto",    "nested", "flat", "flat+error",  "dotted",
                                         "request", "otel",   "text", "text-dashed", "text-comma"};
constexpr std::string_view kPresets[] = {"development", "staging", "production"};

// Of the root: for questions that come before reading.
const Node* RootText(const Node& root, std::string_view key) {
  const Node* const node = root.Find(key);
  return node != nullptr && node->kind == Node::Kind::kText ? node : nullptr;
}

// The file's `preset`, else ENVIRONMENT's, else that of the file's `environment`.
std::string_view ChoosePreset(const Node& root, const log::GetEnv& get_env, Problems& problems) {
  if (const Node* const preset = RootText(root, "preset"); preset != nullptr && !preset->text.empty()) {
    if (const auto name = log::PresetName(preset->text)) return *name;
    const std::string_view nearest = base::Nearest(preset->text, kPresets);
    problems.Error(preset->mark, fmt::format("there is no preset \"{}\"", Shown(preset->text)),
                   nearest.empty() ? fmt::format("there are {}", fmt::join(kPresets, ", "))
                                   : fmt::format("did you mean \"{}\"?", nearest));
    return {};
  }
  if (const char* const environment = get_env("ENVIRONMENT"); environment != nullptr && *environment != '\0')
    return log::PresetName(environment).value_or("");
  if (const Node* const environment = RootText(root, "environment"))
    return log::PresetName(environment->text).value_or("");
  return {};
}

void ApplyPreset(std::string_view preset, Loaded& loaded) {
  const Settings defaults;
  // Where exactly the queues are depends on the program that runs, which need not be this one.
  loaded.settings.config = log::Preset(preset, "auto");
  for (const Field& field : SettingsFields()) {
    if (ShowValue(field, &defaults, false) != ShowValue(field, &loaded.settings, false))
      loaded.origins[field.name] = {.kind = Origin::Kind::kPreset, .where = std::string(preset)};
  }
}

// LOG_FILE and LOG_DIR add to what the file has, for a file may send lines elsewhere, which must go on.
void AddEnvironmentSinks(const log::EnvReport& report, Settings& settings) {
  if (report.log_file.empty() && report.log_dir.empty()) return;
  SinkSpec spec{.type = report.log_file.empty() ? SinkType::kFiles : SinkType::kFile,
                .path = report.log_file.empty() ? report.log_dir : report.log_file};
  const auto is_same = [&](const SinkSpec& known) {
    return known.type == spec.type && known.path == spec.path;
  };
  if (settings.sinks.empty()) settings.sinks.emplace_back();  // the console
  if (std::ranges::none_of(settings.sinks, is_same)) settings.sinks.push_back(std::move(spec));
}

void ApplyVariables(const log::GetEnv& get_env, Loaded& loaded, Problems& problems) {
  const log::EnvReport report = log::ApplyEnvironment(get_env, loaded.settings.config);
  AddEnvironmentSinks(report, loaded.settings);
  for (const std::string& trouble : report.troubles) problems.Warn({}, trouble);
  for (const log::EnvSetting& setting : report.set) {
    // By the table's own text, which lives for ever.
    const auto field = std::ranges::find(SettingsFields(), setting.key, &Field::name);
    loaded.origins[field->name] = {.kind = Origin::Kind::kEnvironment,
                                   .where = std::string(setting.variable)};
  }
}

// What only several keys together show.
class Checker {
 public:
  Checker(const Node& root, const Loaded& loaded, Problems& problems)
      : root_(root), settings_(loaded.settings), problems_(problems) {}

  void Check() {
    CheckLayouts();
    CheckSinks();
    const Config& config = settings_.config;
    if (config.queue_policy == QueuePolicy::kGrow && config.queue_bytes_max < config.queue_bytes)
      problems_.Error(PlaceOf("queue"), "queue.bytes_max is below queue.bytes",
                      "raise it or lower the other");
    if (config.synchronous && !config.queue_dir.empty() && config.queue_dir != "off")
      problems_.Warn(PlaceOf("queue"), "queue.dir does nothing with queue.synchronous: nothing is queued");
    CheckRedaction();
  }

 private:
  Mark PlaceOf(std::string_view key) const {
    const Node* const node = root_.Find(key);
    return node == nullptr ? Mark() : node->mark;
  }

  // Single mistakes have been told at their places (settings.cc); the rest needs all of it.
  void CheckRedaction() {
    const RedactionConfig& redaction = settings_.config.redaction;
    if (!problems_.ok() || (redaction.fields.empty() && redaction.rules.empty() && redaction.actions.empty()))
      return;
    std::string error;
    if (make_redactor(redaction, &error) == nullptr) problems_.Error(PlaceOf("redaction"), error);
    if (!redaction.enabled)
      problems_.Warn(PlaceOf("redaction"), "redaction is configured but not on",
                     "write redaction.enabled: true, or choose preset production");
  }

  void CheckLayouts() {
    std::vector<std::string_view> names(std::begin(kLayouts), std::end(kLayouts));
    for (const LayoutConfig& layout : settings_.config.layouts) {
      if (std::ranges::find(names, layout.name) != names.end()) {
        problems_.Error(PlaceOf("layouts"),
                        fmt::format("there is a layout \"{}\" already", Shown(layout.name)),
                        "give it another name");
      }
      names.push_back(layout.name);
    }
    CheckLayoutName(settings_.config.layout, PlaceOf("layout"), names);
    const Node* const sinks = root_.Find("sinks");
    if (sinks == nullptr) return;
    for (const Node& sink : sinks->items) {
      if (const Node* const layout = sink.Find("layout"); layout != nullptr && !layout->text.empty())
        CheckLayoutName(layout->text, layout->mark, names);
    }
  }

  void CheckLayoutName(const std::string& name, const Mark& mark, std::span<const std::string_view> names) {
    if (std::ranges::find(names, name) != names.end()) return;
    const std::string_view nearest = base::Nearest(name, names);
    problems_.Error(mark, fmt::format("there is no layout \"{}\"", Shown(name)),
                    nearest.empty() ? fmt::format("there are {}", fmt::join(names, ", "))
                                    : fmt::format("did you mean \"{}\"?", nearest));
  }

  void CheckSinks() {
    const Node* const sinks = root_.Find("sinks");
    if (sinks == nullptr) return;
    std::set<std::string_view> paths;
    for (const Node& sink : sinks->items) {
      const Node* const path = sink.Find("path");
      if (path == nullptr || paths.insert(path->text).second) continue;
      problems_.Error(path->mark, fmt::format("two sinks write to {}", Shown(path->text)),
                      "each needs a path of its own");
    }
  }

  const Node& root_;
  const Settings& settings_;
  Problems& problems_;
};

}  // namespace

Loaded Load(std::string_view text, const log::GetEnv& get_env, Problems& problems) {
  Loaded loaded;
  const std::optional<Node> parsed = ParseYaml(text, get_env, problems);
  const Node root = parsed.value_or(Node());
  if (const std::string_view preset = ChoosePreset(root, get_env, problems); !preset.empty())
    ApplyPreset(preset, loaded);
  ReadFields(root, SettingsFields(), &loaded.settings, problems, [&](const Field& field, const Mark& mark) {
    loaded.origins[field.name] = {.kind = Origin::Kind::kFile, .mark = mark};
  });
  ApplyVariables(get_env, loaded, problems);
  Checker(root, loaded, problems).Check();
  return loaded;
}

bool ReadConfigFile(const std::string& path, std::string& text, Problems& problems) {
  auto read = base::ReadFile(base::Env::Posix(), path, kFileBytesMax);
  if (!read.ok()) {
    problems.Error({}, std::string(read.status().message()));
    return false;
  }
  text = *std::move(read);
  return true;
}

Config MakeConfig(const Settings& settings, SinkFactory& factory) {
  Config config = settings.config;
  if (config.queue_dir == "auto") config.queue_dir = log::AutoQueueDir();
  if (config.queue_dir == "off") config.queue_dir.clear();
  config.sinks = factory.Make(settings.sinks);
  return config;
}

}  // namespace taffrail::config
