// The functions of config_file.h that read and apply.
#include <cstdlib>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "config/file_change.h"
#include "config/load.h"
#include "config/thread.h"
#include "taffrail/config_file.h"
#include "taffrail/log.h"

namespace taffrail {
namespace config {
namespace {

const log::GetEnv& SystemEnvironment() {
  static const auto* const get_env = new log::GetEnv([](const char* name) { return std::getenv(name); });
  return *get_env;
}

std::string ChosenPath(const std::string& path) {
  const char* const other = std::getenv("TAFFRAIL_CONFIG");
  return other != nullptr && *other != '\0' ? other : path;
}

// What was last applied, so that the next one can keep what is the same. Thread-safe.
class Applier {
 public:
  static Applier& Get() {
    static Applier* const applier = new Applier;
    return *applier;
  }

  // An empty path: the preset and the environment alone.
  ConfigResult Apply(const std::string& path, const ConfigAdjust& adjust) {
    Problems problems(path);
    std::string text;
    if (!path.empty() && !ReadConfigFile(path, text, problems)) return {{}, problems.Take()};
    return Apply(path, text, adjust);
  }

  ConfigResult Apply(const std::string& name, const std::string& text, const ConfigAdjust& adjust) {
    Problems problems(name);
    const Loaded loaded = Load(text, SystemEnvironment(), problems);
    if (!problems.ok()) return {{}, problems.Take()};
    const absl::MutexLock lock(&mutex_);
    ConfigResult result{MakeConfig(loaded.settings, factory_), problems.Take()};
    if (adjust) adjust(result.config);
    init(result.config);
    // Signals that the code has asked for, and not the file, stay.
    const bool had_signals = std::exchange(signals_, loaded.settings.level_signals);
    if (signals_ || had_signals) level_signals(signals_);
    return result;
  }

 private:
  absl::Mutex mutex_;
  SinkFactory factory_ ABSL_GUARDED_BY(mutex_);
  bool signals_ ABSL_GUARDED_BY(mutex_) = false;
};

// Follows one file on a thread of its own.
class Watcher {
 public:
  Watcher(std::string path, ConfigAdjust adjust)
      : path_(std::move(path)), adjust_(std::move(adjust)), change_(path_) {
    change_.Watch();  // before the first reading: what changes in between is seen
  }
  ~Watcher() {
    if (worker_.RunsHere()) change_.Stop();  // a forked child shares with its parent what this rings
    worker_.Join();
  }
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  ConfigResult Start() {
    Problems problems(path_);
    if (!ReadConfigFile(path_, text_, problems)) return {{}, problems.Take()};
    ConfigResult result = Applier::Get().Apply(path_, text_, adjust_);
    if (result.ok()) worker_.Start("taffrail-config", [this] { Run(); });
    return result;
  }

 private:
  void Run() {
    while (change_.Wait()) {
      change_.Watch();
      Reload();
    }
  }

  void Reload() {
    static const Logger log("taffrail.config");
    Problems problems(path_);
    std::string text;
    std::string trouble;
    if (!ReadConfigFile(path_, text, problems)) {
      trouble = ConfigResult{{}, problems.Take()}.text();
      if (trouble != trouble_)
        log.warning("Configuration is gone", kv("path", path_), kv("problem", trouble));
      trouble_ = trouble;
      return;
    }
    trouble_.clear();
    if (text == text_) return;
    text_ = text;  // also when it is refused: once is enough to tell
    try {
      const ConfigResult result = Applier::Get().Apply(path_, text_, adjust_);
      std::vector<std::string> told;
      for (const ConfigProblem& problem : result.problems) told.push_back(problem.text());
      if (result.ok()) {
        log.info("Configuration changed", kv("path", path_), kv("problems", told));
      } else {
        log.error("Configuration refused", kv("path", path_), kv("problems", told));
      }
    } catch (const std::exception& e) {
      log.error("Configuration refused", error(e), kv("path", path_));
    }
  }

  const std::string path_;
  const ConfigAdjust adjust_;
  FileChange change_;
  std::string text_;     // as last read
  std::string trouble_;  // as last told
  Worker worker_;
};

absl::Mutex watch_mutex(absl::kConstInit);
Watcher* watcher ABSL_GUARDED_BY(watch_mutex) = nullptr;

void ReplaceWatcher(std::unique_ptr<Watcher> next) {
  std::unique_ptr<Watcher> before;  // its end joins its thread, so after the lock's
  const absl::MutexLock lock(&watch_mutex);
  before.reset(std::exchange(watcher, next.release()));
}

}  // namespace
}  // namespace config

ConfigResult parse_config(std::string_view yaml, const std::string& name) {
  config::Problems problems(name);
  const config::Loaded loaded = config::Load(yaml, config::SystemEnvironment(), problems);
  if (!problems.ok()) return {{}, problems.Take()};
  config::SinkFactory factory;
  return {config::MakeConfig(loaded.settings, factory), problems.Take()};
}

ConfigResult load_config(const std::string& path) {
  config::Problems problems(path);
  std::string text;
  if (!config::ReadConfigFile(path, text, problems)) return {{}, problems.Take()};
  return parse_config(text, path);
}

ConfigResult init_from(const std::string& path, const ConfigAdjust& adjust) {
  return config::Applier::Get().Apply(config::ChosenPath(path), adjust);
}

ConfigResult watch_config(const std::string& path, const ConfigAdjust& adjust) {
  const std::string chosen = config::ChosenPath(path);
  if (chosen.empty()) return init_from({}, adjust);
  auto next = std::make_unique<config::Watcher>(chosen, adjust);
  ConfigResult result = next->Start();
  if (!result.ok()) return result;
  static const bool stops_at_exit = std::atexit(stop_watching_config) == 0;
  (void)stops_at_exit;
  config::ReplaceWatcher(std::move(next));
  return result;
}

void stop_watching_config() { config::ReplaceWatcher(nullptr); }

}  // namespace taffrail
