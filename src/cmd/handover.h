// Hands items from one thread to another through a short queue, and errors back: two stages of work on two
// cores.
//
//   Handover<RecordBatch> commits(2, [&](RecordBatch batch) { return store.Append(std::move(batch)); });
//   while (…) if (!commits.Push(std::move(batch))) break;
//   return commits.Finish();
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/status.h"

namespace taffrail::cmd {

template <typename Item>
class Handover {
 public:
  using Consume = std::function<absl::Status(Item)>;

  // At most `capacity` items wait, which bounds memory. `consume` runs on a thread of its own, in the order
  // of Push.
  Handover(size_t capacity, Consume consume)
      : capacity_(capacity), consume_(std::move(consume)), thread_([this] { Run(); }) {}
  ~Handover() { (void)Finish(); }
  Handover(const Handover&) = delete;
  Handover& operator=(const Handover&) = delete;

  // Waits for room. False once consume has failed: nothing more will be taken.
  bool Push(Item item) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(this, &Handover::HasRoom));
    if (!error_.ok()) return false;
    items_.push_back(std::move(item));
    return true;
  }

  // Waits until everything pushed is consumed; the first error. May be called again. REQUIRES: no Push
  // follows.
  absl::Status Finish() ABSL_LOCKS_EXCLUDED(mutex_) {
    {
      absl::MutexLock lock(&mutex_);
      finished_ = true;
    }
    if (thread_.joinable()) thread_.join();
    absl::MutexLock lock(&mutex_);
    return error_;
  }

 private:
  bool HasRoom() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return items_.size() < capacity_ || !error_.ok();
  }
  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !items_.empty() || finished_; }

  void Run() {
    while (std::optional<Item> item = Take()) {
      absl::Status status = consume_(std::move(*item));
      if (!status.ok()) return Fail(std::move(status));
    }
  }

  std::optional<Item> Take() ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(this, &Handover::HasWork));
    if (items_.empty()) return std::nullopt;
    std::optional<Item> item(std::move(items_.front()));
    items_.pop_front();
    return item;
  }

  void Fail(absl::Status status) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    error_ = std::move(status);
    items_.clear();
  }

  const size_t capacity_;
  const Consume consume_;
  absl::Mutex mutex_;
  std::deque<Item> items_ ABSL_GUARDED_BY(mutex_);
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status error_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;  // last: starts when all else is there
};

}  // namespace taffrail::cmd
