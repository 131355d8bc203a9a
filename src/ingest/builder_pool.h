// Builders that wait for the next upload, with the shapes they have learned: an upload of ten lines would
// otherwise spend most of its time on meeting shapes that a thousand uploads before it had met.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "record/batch_builder.h"

namespace taffrail::ingest {

// Safe from any thread.
class BuilderPool {
 public:
  // An empty builder, as likely as not one that knows the shapes of the uploads before.
  record::BatchBuilder Take() {
    absl::MutexLock lock(&mutex_);
    if (idle_.empty()) return {};
    record::BatchBuilder builder = std::move(idle_.back());
    idle_.pop_back();
    return builder;
  }

  // Takes one back, with or without rows in it.
  void Give(record::BatchBuilder builder) {
    if (builder.learned_bytes() > kMaxLearnedBytes) return;
    if (builder.rows() > 0) builder.Finish();
    absl::MutexLock lock(&mutex_);
    if (idle_.size() < kMaxIdle) idle_.push_back(std::move(builder));
  }

 private:
  static constexpr size_t kMaxIdle = 4;  // about as many as there are busy uploads at a time
  // Thousands of shapes: more are of lines whose keys vary, and will not be met again.
  static constexpr size_t kMaxLearnedBytes = size_t{1} << 20;

  absl::Mutex mutex_;
  std::vector<record::BatchBuilder> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace taffrail::ingest
