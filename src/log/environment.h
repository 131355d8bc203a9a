// The environment variables that existing services use, as one table: what each sets, by the name that
// docs/configuration.md and configuration files use for it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "log/otel_environment.h"
#include "taffrail/config.h"

namespace taffrail::log {

struct EnvSetting {
  std::string_view variable;
  std::string_view key;  // "queue.dir"
};

// What the environment said, beyond what went straight into the Config.
struct EnvReport {
  std::vector<EnvSetting> set;
  std::vector<std::string> troubles;  // values that make no sense, and what is not done yet; whole sentences
  std::string log_file;               // LOG_FILE, within LOG_DIR when that is set and the file is relative
  std::string log_dir;                // LOG_DIR without LOG_FILE: one file a category
};

struct EnvVariable {
  std::string_view name;
  std::string_view key;     // what it sets; several are separated by spaces
  std::string_view wanted;  // what a value looks like: "true or false"
  // False when the value makes no sense; then nothing was set.
  bool (*apply)(std::string_view value, std::string_view variable, Config& config, EnvReport& report);
};

// In the order in which they are applied: of two that set the same, the later one wins.
std::span<const EnvVariable> EnvVariables();

// Sets what the variables say and leaves the rest. A variable that is empty counts as absent. Sinks are left
// to the caller (EnvReport::log_file, log_dir).
EnvReport ApplyEnvironment(const GetEnv& get_env, Config& config);

// One file for each category in `dir`, without its sink: {"audit.log", kAudit} …
struct CategoryFile {
  std::string path;
  Category category;
};
std::vector<CategoryFile> CategoryFiles(const std::string& dir);

}  // namespace taffrail::log
