// From a file's text, a preset and the environment to settings, and whence each came.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "config/problems.h"
#include "config/settings.h"
#include "log/environment.h"

namespace taffrail::config {

struct Origin {
  enum class Kind : uint8_t { kDefault, kPreset, kFile, kEnvironment };
  Kind kind = Kind::kDefault;
  std::string where;  // the preset's name, the variable, or empty
  Mark mark;          // in the file
};

struct Loaded {
  Settings settings;
  std::map<std::string_view, Origin> origins;  // by Field::name; a key that is not there has its default
};

// Everything that is right has been taken over, whether or not there are problems. `text` may be empty: then
// it is the preset and the environment alone.
Loaded Load(std::string_view text, const log::GetEnv& get_env, Problems& problems);

// The file's contents, or an error about it as a whole.
bool ReadConfigFile(const std::string& path, std::string& text, Problems& problems);

// As init() wants it, with its sinks made.
Config MakeConfig(const Settings& settings, SinkFactory& factory);

}  // namespace taffrail::config
