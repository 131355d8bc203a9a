// What one query may use, and the errors that say so.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "base/env.h"
#include "base/status.h"

namespace taffrail::query::exec {

struct ExecOptions {
  // Of groups, sorted rows and values held back: the default is a small part of any machine that runs a
  // server, and enough for millions of groups.
  uint64_t max_memory_bytes = uint64_t{256} << 20;
  uint64_t max_rows = 0;            // in the answer; 0: as many as there are
  uint64_t max_series = 0;          // in the answer of a metric query; 0: as many as there are
  int64_t max_time_ns = 0;          // wall clock; 0: as long as it takes
  std::function<bool()> cancelled;  // asked at least once a batch, by one thread at a time; null: never
  std::function<void()> progress;   // the same; the stats of the scan given to Execute are current then
  base::Env* env = nullptr;         // null: Env::Posix()
  bool time_operators = false;      // for Explain
  std::vector<std::string> disabled_passes;  // of the optimizer (optimize.h), for finding out what one does
};

// Of one running query. Safe from any of its threads.
class Budget {
 public:
  explicit Budget(const ExecOptions& options);

  // ResourceExhausted, naming the budget, what used it and how to go on.
  absl::Status Charge(uint64_t size_bytes, const char* what);
  void Release(uint64_t size_bytes) { used_bytes_.fetch_sub(size_bytes, std::memory_order_relaxed); }
  // Cancelled or DeadlineExceeded.
  absl::Status Check();

  uint64_t peak_bytes() const { return peak_bytes_.load(std::memory_order_relaxed); }
  int64_t ElapsedNs() const { return env_.MonotonicNs() - begin_ns_; }

 private:
  const ExecOptions& options_;
  base::Env& env_;
  const int64_t begin_ns_;
  std::atomic<uint64_t> used_bytes_ = 0;
  std::atomic<uint64_t> peak_bytes_ = 0;
  absl::Mutex cancelled_mutex_;  // the caller's function need not know of our threads
};

}  // namespace taffrail::query::exec
