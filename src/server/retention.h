// Drops the days that are not to be kept any more (retain/policy.h), and tells what it did.
//
// A thread looks once a minute. Only it waits for the store: whole files go by one edit of the manifest, and
// neither ingest nor searches are held up. Audit ledgers are files of their own and stay (`taffrail audit
// prune`).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/env.h"
#include "base/status.h"
#include "ingest/pipeline.h"
#include "retain/clock_guard.h"
#include "retain/policy.h"
#include "store/store.h"

namespace taffrail::server {

struct RetentionDrop {
  int64_t at_ns = 0;
  int32_t before_day = 0;
  retain::Reason reason = retain::Reason::kAge;
  uint64_t rows = 0;
  uint64_t disk_bytes = 0;
};

struct RetentionState {
  uint64_t runs = 0;
  uint64_t failures = 0;
  int64_t last_run_ns = 0;                    // Unix time; 0: none yet
  std::array<uint64_t, 3> dropped_rows = {};  // by reason, since the start
  std::array<uint64_t, 3> dropped_bytes = {};
  std::optional<RetentionDrop> last_drop;  // since the start
  bool clock_doubted = false;              // nothing goes by age meanwhile
  std::string problem;                     // why the last run did not do what it should; empty: it did
};

class Retention {
 public:
  // All must outlive this object. `refused_below_bytes`: the free space below which the store takes no lines.
  Retention(const retain::Policy& policy, std::string data_dir, uint64_t refused_below_bytes,
            store::Store& store, ingest::Pipeline& pipeline);
  ~Retention();  // Stop

  Retention(const Retention&) = delete;
  Retention& operator=(const Retention&) = delete;

  void Start();    // once; does nothing where all is kept
  void Stop();     // waits for a run in progress
  void RunOnce();  // what the thread does; not beside it

  const retain::Policy& policy() const { return policy_; }
  RetentionState State() const;
  retain::Forecast Forecast() const;

 private:
  void Loop();
  absl::Status Run(RetentionState& state);
  absl::Status Drop(const retain::Decision& decision, RetentionState& state);
  void KeepSeen(int64_t now_ns);

  const retain::Policy policy_;
  const std::string data_dir_;
  const uint64_t refused_below_bytes_;
  base::Env& env_;
  store::Store& store_;
  ingest::Pipeline& pipeline_;
  std::optional<retain::ClockGuard> clock_;  // of the runs; null before the first
  std::optional<int64_t> seen_on_disk_ns_;
  mutable absl::Mutex mutex_;
  RetentionState state_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

// The member `retention` of /api/v1/logs/health.
std::string RetentionJson(const Retention& retention);

}  // namespace taffrail::server
