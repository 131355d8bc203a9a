// What a configuration comes to: every key with its value, and where that comes from.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/load.h"

namespace taffrail::config {

// Secrets are ***.
struct Setting {
  std::string_view key;
  std::string value;  // as YAML
  Origin origin;
};
std::vector<Setting> Effective(const Loaded& loaded);

// A configuration file that says the same, secrets aside; where each value is from stands behind it. `file`
// is what the file is called there.
std::string EffectiveYaml(const Loaded& loaded, std::string_view file);

// {"ok":…,"file":…,"problems":[…],"settings":[{"key","value","origin","where","line"}]}
std::string ExplainJson(const Loaded& loaded, const std::vector<ConfigProblem>& problems, bool ok,
                        std::string_view file);

// A file to begin with: the preset, and every key with its default, what it does and what it takes, all
// commented out as `#key: value`.
std::string StarterFile(std::string_view preset);

// JSON Schema (2020-12) of a configuration file, for editors.
std::string JsonSchema();

}  // namespace taffrail::config
