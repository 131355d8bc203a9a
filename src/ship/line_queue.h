// Lines that wait to be sent: bounded memory between the logging backend and the sender.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "taffrail/sinks.h"

namespace taffrail::ship {

// What the backend handed over at once; its text has the lines one after the other.
struct Chunk {
  struct Line {
    Level level;
    int64_t time_ns;
    size_t size;
  };
  std::string text;
  std::vector<Line> lines;
  absl::Time arrived;
};

struct QueueLimits {
  size_t queue_bytes;  // all that waits
  size_t batch_bytes;  // what one request takes, at least one chunk
  size_t batch_lines;
  absl::Duration batch_age;
};

// Thread-safe; one thread takes.
class LineQueue {
 public:
  explicit LineQueue(const QueueLimits& limits) : limits_(limits) {}

  // False when there is no room: nothing is taken.
  bool Add(const Batch& batch);
  // Waits until a batch is large or old enough, somebody flushes, or the queue is closed. Empty only when it
  // is closed and has no more. What is taken still counts as waiting until Done().
  std::vector<Chunk> Take();
  // The chunks taken last are dealt with.
  void Done();

  // Waits until everything added before has been dealt with.
  bool Flush(absl::Time deadline);
  // Take() gives what is left without waiting; nothing can be added any more.
  void Close();
  bool closed() const;
  // Sleeps, but not beyond Close().
  void Pause(absl::Duration duration);
  // Lines that wait or are being sent.
  uint64_t lines_left() const;

 private:
  bool BatchIsReady() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const QueueLimits limits_;
  mutable absl::Mutex mutex_;
  absl::CondVar changed_;
  std::deque<Chunk> chunks_ ABSL_GUARDED_BY(mutex_);
  size_t waiting_bytes_ ABSL_GUARDED_BY(mutex_) = 0;  // in chunks_
  size_t waiting_lines_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t taken_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t taken_lines_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t added_ ABSL_GUARDED_BY(mutex_) = 0;  // chunks, since the beginning
  uint64_t taken_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t done_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t flush_to_ ABSL_GUARDED_BY(mutex_) = 0;  // chunks below this go without waiting for more
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace taffrail::ship
