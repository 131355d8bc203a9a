// Configuration from a YAML file, and its changes while the program runs. Link taffrail_config.
//
//   taffrail::ConfigResult loaded = taffrail::init_from("/etc/api/taffrail.yaml");
//   if (!loaded.ok()) {
//     std::cerr << loaded.text();   // every mistake with its line, its column and what to write instead
//     return 1;
//   }
//
// What comes later wins: defaults, the preset, the file, the environment, the code (ConfigAdjust). Keys,
// variables, units and defaults: docs/configuration.md. `taffrail config check FILE` explains a file.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "taffrail/config.h"

namespace taffrail {

struct ConfigProblem {
  std::string file;  // or the environment variable's name
  int line = 0;      // from 1; 0: of the whole file, or not of a file
  int column = 0;
  bool is_error = true;  // else a warning: the configuration works, but perhaps not as meant
  std::string message;
  std::string hint;  // how to mend it, where that is known

  std::string text() const;  // "taffrail.yaml:3:5: error: there is no lvel; did you mean \"level\"?"
};

struct ConfigResult {
  Config config;  // whole when ok()
  std::vector<ConfigProblem> problems;

  bool ok() const;           // warnings are fine
  std::string text() const;  // problems, one a line
};

// What the code has to say: called with what file and environment gave, again after every change of the file.
using ConfigAdjust = std::function<void(Config& config)>;

// Preset, file and environment. Sinks are made, but files opened and servers called only for lines, so after
// init(); a spool delivers what an earlier process left in it.
ConfigResult load_config(const std::string& path);
// The same of a file's contents; `name` is for messages.
ConfigResult parse_config(std::string_view yaml, const std::string& name);

// load_config and, when that is ok, init(). $TAFFRAIL_CONFIG names another file in place of `path`. When both
// are empty, it is Config::from_env() alone.
ConfigResult init_from(const std::string& path = {}, const ConfigAdjust& adjust = {});

// init_from, and from now on again whenever the file changes: written in place, replaced by an editor, or as
// a ConfigMap by another target of its symlinks. A broken new file is refused: its mistakes are logged
// (taffrail.config, ERROR) and the old configuration stays. Levels set by set_level() last until the file
// changes. One file a process: a second call watches the new one instead.
ConfigResult watch_config(const std::string& path = {}, const ConfigAdjust& adjust = {});
// Returns when no change is being applied any more; so not from a ConfigAdjust.
void stop_watching_config();

// SIGUSR1: the root logger writes one level more (INFO, then DEBUG, then TRACE); SIGUSR2: one less, at most
// down to CRITICAL. `level_signals: true` does the same. False when the signals cannot be caught. Off gives
// the signals back to their earlier handlers; where that was the default, to end the process, they are
// ignored.
bool level_signals(bool on = true);

}  // namespace taffrail
