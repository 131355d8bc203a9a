// The samples of docs/configuration.md.
#include <iostream>
#include <string>

#include "taffrail/config_file.h"

namespace {

std::string build_version() { return "1.4.2"; }

}  // namespace

int configure_from_file() {
  // [file]
  taffrail::ConfigResult loaded = taffrail::watch_config("/etc/tasks/taffrail.yaml");
  if (!loaded.ok()) {
    std::cerr << loaded.text();
    return 1;
  }
  // [/file]
  return 0;
}

bool configure_with_code() {
  // [code]
  taffrail::ConfigResult loaded = taffrail::init_from(
      "taffrail.yaml", [](taffrail::Config& config) { config.version = build_version(); });
  // [/code]
  return loaded.ok();
}

void change_levels() {
  // [levels]
  taffrail::set_level("tasks.worker", taffrail::Level::kDebug);
  taffrail::reset_level("tasks.worker");
  // [/levels]
}
