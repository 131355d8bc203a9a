// Config::from_env and Config::preset: what a program that links no more than this folder configures itself
// by.
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>

#include "absl/synchronization/mutex.h"
#include "log/environment.h"
#include "log/presets.h"
#include "taffrail/config.h"

namespace taffrail {
namespace {

// The environment is read before main and again in it; each trouble is told once.
void TellOnce(const std::string& trouble) {
  static absl::Mutex* const mutex = new absl::Mutex;
  static auto* const told = new std::set<std::string>;
  const absl::MutexLock lock(mutex);
  if (told->insert(trouble).second) std::fprintf(stderr, "taffrail: %s\n", trouble.c_str());
}

}  // namespace

Config Config::preset(std::string_view name) {
  if (const auto known = log::PresetName(name)) return log::Preset(*known, log::AutoQueueDir());
  TellOnce("there is no preset \"" + std::string(name) + "\"; there are development, staging and production");
  return {};
}

Config Config::from_env() {
  const char* const environment = std::getenv("ENVIRONMENT");
  const auto preset = log::PresetName(environment == nullptr ? "" : environment);
  Config config = preset ? log::Preset(*preset, log::AutoQueueDir()) : Config();
  const log::EnvReport report =
      log::ApplyEnvironment([](const char* name) { return std::getenv(name); }, config);
  for (const std::string& trouble : report.troubles) TellOnce(trouble);
  if (!report.log_file.empty()) {
    config.sinks = {{console_sink()}, {file_sink(report.log_file)}};
  } else if (!report.log_dir.empty()) {
    config.sinks = {{console_sink()}};
    for (const log::CategoryFile& file : log::CategoryFiles(report.log_dir)) {
      config.sinks.push_back({.sink = file_sink(file.path), .categories = {file.category}});
    }
  }
  return config;
}

}  // namespace taffrail
