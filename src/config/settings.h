// Everything that a configuration file can say, before any of it is opened or started.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "config/field.h"
#include "config/sink_spec.h"
#include "taffrail/config.h"

namespace taffrail::config {

struct Settings {
  std::string preset;           // as written; empty: that of the environment
  Config config;                // without its sinks; queue_dir may be "auto" or "off"
  std::vector<SinkSpec> sinks;  // none: the console
  bool level_signals = false;
};

// The keys of a file, over a Settings.
std::span<const Field> SettingsFields();

}  // namespace taffrail::config
