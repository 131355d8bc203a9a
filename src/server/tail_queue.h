// Rows between the threads that commit them and the thread of one tail that looks inside them. Shared by both
// and by the connection: it outlives whoever lets go first, so that none of them waits for the tail's thread
// by accident.
#pragma once

#include <cstdint>
#include <deque>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "expr/matcher.h"
#include "record/batch.h"
#include "record/batch_gather.h"

namespace taffrail::server {

class TailQueue {
 public:
  // On a committing thread: copies the rows, or drops them. How many were taken.
  size_t Offer(const record::RecordBatch& batch, const expr::Selection& rows) {
    record::RecordBatch taken = record::Reordered(batch, rows);
    const size_t bytes = taken.MemoryBytes();
    const absl::MutexLock lock(&mutex_);
    if (ending_ || queued_bytes_ + bytes > kBytesMax) {
      dropped_ += rows.size();
      return 0;
    }
    queued_bytes_ += bytes;
    queue_.emplace_back(std::move(taken), bytes);
    return rows.size();
  }

  void End() {
    const absl::MutexLock lock(&mutex_);
    ending_ = true;
  }

  bool ending() const {
    const absl::MutexLock lock(&mutex_);
    return ending_;
  }

  // Waits for rows, or for the time of a heartbeat: then the batch has none. False: the tail ends.
  bool Take(record::RecordBatch& batch, uint64_t& dropped) {
    const absl::MutexLock lock(&mutex_);
    const bool work = mutex_.AwaitWithTimeout(absl::Condition(this, &TailQueue::HasWork), kHeartbeat);
    if (ending_) return false;
    if (!work) return true;
    batch = std::move(queue_.front().first);
    queued_bytes_ -= queue_.front().second;
    queue_.pop_front();
    dropped = std::exchange(dropped_, 0);
    return true;
  }

 private:
  // What a slow client may fall behind before it loses lines.
  static constexpr size_t kBytesMax = size_t{8} << 20;
  // Proxies drop connections that are silent for a minute.
  static constexpr absl::Duration kHeartbeat = absl::Seconds(15);

  bool HasWork() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return ending_ || !queue_.empty(); }

  mutable absl::Mutex mutex_;
  std::deque<std::pair<record::RecordBatch, size_t>> queue_ ABSL_GUARDED_BY(mutex_);  // with its bytes
  size_t queued_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t dropped_ ABSL_GUARDED_BY(mutex_) = 0;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace taffrail::server
