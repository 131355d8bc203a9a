// Loggers by name, and the level of each: its own, or that of the nearest ancestor along the dots that has
// one.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "taffrail/level.h"
#include "taffrail/log.h"

namespace taffrail::log {

// Thread-safe. Nodes live for ever: a Logger is a bare pointer to one.
class Registry {
 public:
  detail::LoggerNode& Find(std::string_view name);
  // Hears of every logger so far, then of each new one before anybody has it, under a lock: it must not log.
  // Null: nobody.
  using Listener = void (*)(const detail::LoggerNode& node);
  void SetListener(Listener listener);
  absl::Mutex& mutex() { return mutex_; }  // fork.cc
  void SetLevel(std::string_view name, Level level);
  void ResetLevel(std::string_view name);
  // Replaces all levels: that of the root, then those given.
  void SetLevels(Level root, const std::vector<std::pair<std::string, Level>>& levels);

 private:
  struct Node : detail::LoggerNode {
    std::string name_storage;
  };
  Level LevelOf(std::string_view name) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Refresh() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  absl::Mutex mutex_;
  Listener listener_ ABSL_GUARDED_BY(mutex_) = nullptr;
  std::map<std::string, std::unique_ptr<Node>, std::less<>> nodes_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Level, std::less<>> levels_ ABSL_GUARDED_BY(mutex_) = {{"", Level::kInfo}};
};

}  // namespace taffrail::log
