// The ids of a batch in the memtable, so that a look-up does not search a hundred thousand rows that have not
// been written to a part yet.
//
// Nobody pays for them but those who look something up: the first who does searches the rows, and has a
// thread gather the ids for the next.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "record/batch.h"

namespace taffrail::store {

// Safe from any thread.
class MemIds {
 public:
  // Whether the batch may have all of these folded ids (expr/words.h). True until they are gathered.
  bool MayHold(const std::vector<std::string>& folded_ids) const;
  bool gathered() const { return gathered_.load(std::memory_order_acquire); }
  // REQUIRES: by one thread, and `batch` is the one whose ids these are.
  void Gather(const record::RecordBatch& batch);

 private:
  std::vector<uint32_t> hashes_;  // the top halves of XXH3, ascending; constant once gathered
  std::atomic<bool> gathered_ = false;
};

class MemIdsThread {
 public:
  using Wanted = std::pair<std::shared_ptr<const record::RecordBatch>, std::shared_ptr<MemIds>>;

  MemIdsThread();
  ~MemIdsThread();
  MemIdsThread(const MemIdsThread&) = delete;
  MemIdsThread& operator=(const MemIdsThread&) = delete;

  // Gathers the ids of these batches, instead of those that it was told before and has not come to.
  void Want(std::vector<Wanted> batches);

 private:
  void Work();

  absl::Mutex mutex_;
  std::vector<Wanted> wanted_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace taffrail::store
