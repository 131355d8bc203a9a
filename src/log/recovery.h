// What killed processes left in a queue directory, written: exactly once for sinks that are files, however
// often recovery itself is killed; perhaps once more, for one piece, for others.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "log/recovery_entry.h"
#include "taffrail/config.h"

namespace taffrail::log {

struct RecoveryOptions {
  // Where lines go that are still in a ring, and pieces that were on their way to no file. Without sinks: to
  // the files that the process wrote to, as far as they are known, else to the standard output. `service` and
  // the like are the dead process's.
  Config config;
  bool keep = false;  // the entry stays as it is, and so does every file that it names
  // A piece that was on its way to a file is finished there. Else it goes where all lines go.
  bool into_own_files = true;
  // Also lines of a program with a redactor, though `config` has none: they are then as they were logged.
  bool unredacted = false;
};

struct Recovered {
  uint64_t pid = 0;
  std::string service;
  uint64_t lines = 0;
  RecoveryCounts counts;
};

// One entry (queue_dir.h). Aborted: its process lives, or somebody else is at it. NotFound: it is gone.
// FailedPrecondition: see `unredacted`. Other errors: lines could not be written; they are still there.
absl::StatusOr<Recovered> RecoverEntry(const std::string& path, const RecoveryOptions& options);
// All that are dead. What an entry's error was, is told on the standard error.
std::vector<Recovered> RecoverAll(const std::string& dir, const RecoveryOptions& options);

}  // namespace taffrail::log
