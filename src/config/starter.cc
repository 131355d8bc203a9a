// The starter file, made of the tables.
#include <fmt/format.h>

#include "config/explain.h"
#include "config/read_value.h"
#include "config/show_value.h"
#include "log/presets.h"

namespace taffrail::config {
namespace {

// Lists are easier read than described: what one might write there.
struct Example {
  std::string_view key, yaml;
};
constexpr Example kExamples[] = {
    {"levels",
     "#levels:\n"
     "#  tasks: DEBUG\n"
     "#  db.pool: WARNING\n"},
    {"sinks",
     "#sinks:\n"
     "#  - type: console\n"
     "#    level: WARNING\n"
     "#  - type: file\n"
     "#    path: /var/log/${SERVICE_NAME:-app}/app.log\n"
     "#    rotation: {size: 100MiB, every: day, compress: zstd, keep_files: 14, keep_bytes: 5GiB}\n"
     "#  - type: files          # app.log, audit.log, performance.log, error.log, security.log\n"
     "#    path: /var/log/${SERVICE_NAME:-app}\n"
     "#    rotation: {every: day, compress: gzip, keep_for: 30d}\n"
     "#  - type: loki\n"
     "#    url: http://127.0.0.1:4880\n"
     "#    labels: {service: \"${SERVICE_NAME:-app}\"}\n"},
    {"sampling",
     "#sampling:\n"
     "#  - {logger: health, below: WARNING, rate: 0.01}\n"},
    {"rate_limits",
     "#rate_limits:\n"
     "#  - {logger: db, per_second: 10, burst: 50}\n"},
    {"aggregates",
     "#aggregates:\n"
     "#  - {message: Cache miss, window: 5s}\n"},
    {"layouts",
     "#layouts:\n"
     "#  - name: mine\n"
     "#    slots:\n"
     "#      - {key: ts, value: timestamp}\n"
     "#      - {key: severity, value: level}\n"
     "#      - {key: msg, value: message}\n"
     "#      - {key: user, value: field, source: user_id}\n"
     "#      - {value: context_inline}\n"
     "#      - {value: metadata_inline}\n"
     "#      - {key: error, value: exception}\n"},
};

std::string_view ExampleOf(std::string_view key) {
  for (const Example& example : kExamples) {
    if (example.key == key) return example.yaml;
  }
  return {};
}

}  // namespace

std::string StarterFile(std::string_view preset) {
  Settings settings;
  if (!preset.empty()) settings.config = log::Preset(preset, "auto");
  std::string out =
      "# The logging of one service. What is commented out (without a space) is as the preset has it.\n"
      "# Later wins: defaults, preset, this file, environment variables, code.\n"
      "# ${NAME} and ${NAME:-default} are environment variables. `taffrail config check FILE` explains a "
      "file.\n";
  std::string section;
  for (const Field& field : SettingsFields()) {
    const size_t dot = field.name.find('.');
    const std::string_view now = dot == std::string_view::npos ? "" : field.name.substr(0, dot);
    if (now != section && !now.empty()) out += fmt::format("\n#{}:", now);
    section = now;
    const std::string_view example = ExampleOf(field.name);
    out += fmt::format("\n# {}{}", field.help, example.empty() ? fmt::format(": {}", Wanted(field)) : "");
    if (!example.empty()) {
      out += fmt::format(" (default: {})\n{}", ShowValue(field, &settings, false), example);
    } else if (field.name == "preset") {
      out +=
          fmt::format("\n{}preset: {}\n", preset.empty() ? "#" : "", preset.empty() ? "production" : preset);
    } else {
      out += now.empty() ? fmt::format("\n#{}: {}\n", field.name, ShowValue(field, &settings, false))
                         : fmt::format("\n#  {}: {}\n", field.name.substr(dot + 1),
                                       ShowValue(field, &settings, false));
    }
  }
  return out;
}

}  // namespace taffrail::config
