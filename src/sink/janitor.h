// Compresses and removes old log files, on a thread of its own at low priority: never on the one that logs.
//
// A crash at any moment leaves a file's lines in the file or in its compressed form: that is written beside
// it as x.gz.tmp, synced, renamed, and only then the file goes. What was left is found by the next round,
// which every opening of the log file asks for.
#pragma once

#include <deque>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/status.h"
#include "taffrail/sink_file.h"

namespace taffrail::sink {

// One round over the old files of one log file. False: somebody still has one open, come again.
absl::StatusOr<bool> TidyUp(const std::string& path, const FileOptions& options, int64_t now_ns);

// Thread-safe.
class Janitor {
 public:
  static Janitor& Get();  // of this process: a fork has its own

  void Ask(const std::string& path, const FileOptions& options);
  // Until nothing is asked for any more; what waits for another process to let go counts as done.
  bool WaitUntilIdle(absl::Duration timeout);

 private:
  struct Task {
    std::string path;
    FileOptions options;
    int tries = 0;
    absl::Time due;
  };
  Janitor() = default;
  [[noreturn]] void Run();
  void Do(Task task);
  bool HasDueTask() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  absl::CondVar changed_;
  std::deque<Task> tasks_ ABSL_GUARDED_BY(mutex_);
  bool started_ ABSL_GUARDED_BY(mutex_) = false;
  bool busy_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace taffrail::sink
