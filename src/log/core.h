// What the process has once: its loggers, queues, outputs and the backend thread. Made by the first use,
// never destroyed, so that static constructors and destructors may log.
//
// The backend sleeps between rounds, at most Config::poll_ms_max. A thread wakes it before that, with a
// system call, only when its queue is half full, and when somebody flushes.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "log/drain.h"
#include "log/loss_report.h"
#include "log/outputs.h"
#include "log/queues.h"
#include "log/registry.h"
#include "log/sleeper.h"
#include "taffrail/config.h"

namespace taffrail::log {

// Thread-safe.
class Core {
 public:
  static Core& Get();

  void Init(Config config);
  bool Shutdown(int64_t timeout_ms);
  bool Flush(int64_t timeout_ms);
  Stats GetStats();

  Registry& registry() { return registry_; }
  Queues& queues() { return queues_; }

  // For the logging threads (producer.cc).
  bool async() const { return async_.load(std::memory_order_acquire); }
  QueuePolicy policy() const { return policy_.load(std::memory_order_relaxed); }
  size_t queue_bytes() const { return queue_bytes_.load(std::memory_order_relaxed); }
  size_t queue_bytes_max() const { return queue_bytes_max_.load(std::memory_order_relaxed); }
  // Whether so many bytes more may wait outside of the rings; if so they count until they are written.
  bool TakeHeap(size_t bytes);
  void GiveHeapBack(size_t bytes);
  // A record that makes room for a newer one: counted, and what it refers to given back.
  void Discard(const detail::RecordHead& head);
  void CountDropped() { dropped_.fetch_add(1, std::memory_order_relaxed); }
  void CountBlocked() { blocked_.fetch_add(1, std::memory_order_relaxed); }
  void Wake();
  // Writes the record before it returns. Not from inside a sink.
  void WriteNow(const char* record);
  // fork.cc. BeginInChild: before the first line of a child; does nothing anywhere else.
  void BeforeFork();
  void AfterForkInParent();
  void AfterForkInChild();
  void BeginInChild();
  // This thread is inside a sink: what it logs must wait for the next round.
  static bool InSink();

 private:
  Core();
  void StartBackend();
  [[noreturn]] void RunBackend();
  void SleepUntilNeeded(int64_t poll_ms, bool owes_lines);
  size_t Round() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Sinks that nobody writes to would keep a rotated file open, and its space on the disk with it.
  void ReopenIfAsked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Lines about lines that are missing; `last`: what is held back for a better moment comes now.
  void WriteReports(bool last) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Registry registry_;
  Queues queues_;

  std::atomic<bool> async_{false};
  std::atomic<QueuePolicy> policy_{QueuePolicy::kBlock};
  std::atomic<size_t> queue_bytes_{0};
  std::atomic<size_t> queue_bytes_max_{0};
  std::atomic<size_t> heap_bytes_max_{0};
  std::atomic<int64_t> poll_ms_max_{5};
  std::atomic<size_t> heap_bytes_{0};
  std::atomic<uint64_t> dropped_{0};
  std::atomic<uint64_t> blocked_{0};
  std::atomic<uint64_t> recovered_{0};

  std::atomic<bool> is_new_child_{false};

  // Held while lines are rendered and written.
  absl::Mutex mutex_;
  Config config_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<Outputs> outputs_ ABSL_GUARDED_BY(mutex_);
  Drain drain_ ABSL_GUARDED_BY(mutex_);
  OutputCounts counts_;
  LossReport loss_report_ ABSL_GUARDED_BY(mutex_);
  ThinningCounts thinned_before_ ABSL_GUARDED_BY(mutex_);  // by earlier configurations
  uint64_t heap_bytes_returned_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t reopened_ ABSL_GUARDED_BY(mutex_) = 0;  // reopen_requests() when the sinks were last told

  // Between the backend, those who wake it and those who wait for it.
  absl::Mutex signal_mutex_;
  absl::CondVar signal_;
  Sleeper sleeper_;
  bool started_ ABSL_GUARDED_BY(signal_mutex_) = false;
  uint64_t rounds_wanted_ ABSL_GUARDED_BY(signal_mutex_) = 0;
  uint64_t rounds_done_ ABSL_GUARDED_BY(signal_mutex_) = 0;
};

}  // namespace taffrail::log
