// How fast merges may write: they can wait, queries and flushes cannot.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include "base/env.h"

namespace taffrail::store {

// Used by one thread at a time.
class MergePace {
 public:
  // What was not written in so long a time may be written at once: merges come in bursts of a few blocks.
  static constexpr int64_t kCreditNs = 250'000'000;
  // The longest sleep: whoever closes the store, or waits for the merge to end, is noticed so soon.
  static constexpr int64_t kSleepNs = 20'000'000;

  // bytes_per_s 0: no limit. All must outlive the pace.
  MergePace(base::Env& env, uint64_t bytes_per_s, const std::atomic<bool>& stop)
      : env_(env), bytes_per_s_(bytes_per_s), stop_(stop) {}

  // So many bytes were written: sleeps until the next may be. Does not once the store is closing, or while
  // somebody is in a hurry.
  void Wrote(uint64_t bytes);

  // The same for a merge that knows how much it has written since BeginMerge.
  void BeginMerge() { told_bytes_ = 0; }
  void WroteInAll(uint64_t bytes) {
    if (bytes > told_bytes_) Wrote(bytes - std::exchange(told_bytes_, bytes));
  }

  // A delete waits for the merge in progress: that it is over soon matters more than what it takes. From any
  // thread.
  class Hurry {
   public:
    explicit Hurry(MergePace& pace) : pace_(pace) { ++pace_.hurried_; }
    ~Hurry() { --pace_.hurried_; }
    Hurry(const Hurry&) = delete;
    Hurry& operator=(const Hurry&) = delete;

   private:
    MergePace& pace_;
  };

  int64_t waited_ns() const { return waited_ns_; }  // from any thread

 private:
  base::Env& env_;
  const uint64_t bytes_per_s_;
  const std::atomic<bool>& stop_;
  std::atomic<int> hurried_ = 0;
  std::atomic<int64_t> waited_ns_ = 0;
  uint64_t told_bytes_ = 0;
  int64_t free_ns_ = INT64_MIN;  // when all that was written is paid for, by the monotonic clock
};

}  // namespace taffrail::store
