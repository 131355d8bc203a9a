#include "log/presets.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>  // program_invocation_short_name
#include <cstdlib>
#include <utility>

namespace taffrail::log {
namespace {

struct Alias {
  std::string_view word, preset;
};
constexpr Alias kAliases[] = {
    {"development", "development"},
    {"dev", "development"},
    {"develop", "development"},
    {"local", "development"},
    {"staging", "staging"},
    {"stage", "staging"},
    {"stg", "staging"},
    {"production", "production"},
    {"prod", "production"},
    {"live", "production"},
};

std::string_view Get(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

}  // namespace

std::optional<std::string_view> PresetName(std::string_view environment) {
  std::string word(environment);
  std::ranges::transform(word, word.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  for (const Alias& alias : kAliases) {
    if (alias.word == word) return alias.preset;
  }
  return std::nullopt;
}

Config Preset(std::string_view name, std::string queue_dir) {
  Config config;
  config.environment = name;
  if (name == "development") {
    config.level = Level::kDebug;
    config.layout = "text";
    return config;
  }
  // A machine reads it, nobody sits before it, and it may be killed at any time. Staging is production with
  // the lines that tell why something does not work yet.
  config.level = name == "staging" ? Level::kDebug : Level::kInfo;
  config.layout = "nested";
  config.hostname = true;
  config.process_id = true;
  config.fatal_signals = true;
  config.redaction.enabled = true;
  config.queue_dir = std::move(queue_dir);
  return config;
}

std::string AutoQueueDir() {
  const std::string program = program_invocation_short_name;
  if (const auto state = Get("STATE_DIRECTORY"); !state.empty()) {
    // systemd lists several directories with colons; the first is ours as good as any.
    return std::string(state.substr(0, state.find(':'))) + "/taffrail-queue";
  }
  if (geteuid() == 0) return "/var/lib/taffrail/queue/" + program;
  if (const auto state = Get("XDG_STATE_HOME"); state.starts_with('/'))
    return std::string(state) + "/taffrail/queue/" + program;
  if (const auto home = Get("HOME"); home.starts_with('/') && home != "/")
    return std::string(home) + "/.local/state/taffrail/queue/" + program;
  return {};
}

}  // namespace taffrail::log
