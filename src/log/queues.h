// The backend's side of the queues: all rings of living threads, and the few lines that have no ring.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "taffrail/detail/queue.h"

namespace taffrail::log {

// A record outside of any ring, in malloc's memory.
struct FreeRecord {
  void operator()(char* record) const;
};
using LooseRecord = std::unique_ptr<char, FreeRecord>;

// Thread-safe.
class Queues {
 public:
  detail::ThreadQueue* Create(size_t bytes);
  std::vector<detail::ThreadQueue*> All() const;
  // Frees the queues of ended threads that are empty. Only the backend, outside of a round, may call it.
  void Reap();
  // Whether a round would find nothing to read and nothing to free.
  bool AllRead() const;
  uint64_t count() const;
  // Whether a queue of so many bytes keeps all rings together within the bound.
  bool MayGrow(uint64_t bytes, uint64_t bytes_max) const;

  // fork.cc: around a fork, and in the child. What is there is the parent's, and its memory stays as it is.
  absl::Mutex& mutex() { return mutex_; }
  void LeaveToParent();

  // Lines logged by a sink itself, and by the destructors of thread_local objects. False when there are too
  // many.
  bool AddLoose(LooseRecord record);
  // A frame to be given back, from a thread that cannot say so in its ring. When too many are waiting the
  // frame is lost rather than freed too early.
  void AddRelease(const detail::RecordHead& head);
  std::vector<LooseRecord> TakeLoose();

 private:
  static constexpr size_t kLooseBytesMax =
      size_t{4} << 20;  // a sink that logs about every line must not eat all memory

  mutable absl::Mutex mutex_;
  std::vector<detail::ThreadQueue*> queues_ ABSL_GUARDED_BY(mutex_);
  std::vector<LooseRecord> loose_ ABSL_GUARDED_BY(mutex_);
  size_t loose_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

// Reads one ring up to where its tail was at the beginning. While it lives, the thread cannot take records
// away.
class QueueReader {
 public:
  // `publishes_early`: the thread may write over what was read before the reader is destroyed.
  QueueReader(detail::ThreadQueue& queue, bool publishes_early);
  ~QueueReader();
  QueueReader(QueueReader&& other) noexcept;
  QueueReader& operator=(QueueReader&&) = delete;

  bool AtEnd() const { return at_ == end_; }
  // REQUIRES: !AtEnd().
  const detail::RecordHead& head() const { return head_; }
  const char* record() const { return queue_->data + (at_ & (queue_->capacity - 1)); }
  const detail::ThreadQueue& queue() const { return *queue_; }
  void Next();
  bool moved() const { return at_ != published_; }
  uint64_t at() const { return at_; }

 private:
  void Load();     // head_ of the record at at_; passes over the unused end of the ring
  void Publish();  // lets the thread write over what was read

  detail::ThreadQueue* queue_;
  uint64_t at_;
  uint64_t end_;
  uint64_t published_;
  bool publishes_early_;
  detail::RecordHead head_;
};

}  // namespace taffrail::log
