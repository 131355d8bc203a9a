// Is the server fit to take lines? Asked by /readyz (yes or no) and /api/v1/logs/health (with the figures).
//
// An idle server would not notice that its disk has gone; so when nothing was committed for a while a thread
// writes a small file and syncs it, and the time that took is the write latency.
#pragma once

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/env.h"
#include "base/status.h"
#include "ingest/counters.h"
#include "store/store.h"

namespace taffrail::server {

struct Check {
  std::string name;
  bool ok = true;
  std::string detail;  // what is wrong and what to do; or the figure that is right
};

struct HealthReport {
  std::vector<Check> checks;
  base::DiskSpace disk;
  double write_seconds = 0;     // of the last commit or probe
  int64_t last_success_ns = 0;  // Unix time of it; 0: none yet
  bool ok() const;
};

struct Options;

class Health {
 public:
  // All must outlive this object.
  Health(const Options& options, base::Env& env, store::Store& store, const ingest::Counters& counters);
  ~Health();

  Health(const Health&) = delete;
  Health& operator=(const Health&) = delete;

  HealthReport Report() const;

 private:
  struct Probe {
    absl::Status status;
    double seconds = 0;
    int64_t at_ns = 0;       // Unix time; 0: none yet
    int64_t success_ns = 0;  // of the last that went well
  };

  void ProbeLoop();
  Probe WriteProbe();
  Check CheckWrites(const Probe& probe, const ingest::CommitStats& commit) const;

  const std::string data_dir_;
  const uint64_t min_free_bytes_;
  base::Env& env_;
  store::Store& store_;
  const ingest::Counters& counters_;
  mutable absl::Mutex mutex_;
  Probe probe_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace taffrail::server
