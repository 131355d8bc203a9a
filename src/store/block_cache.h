// Blocks that scans have read, with the columns that were decoded, for the scans that come next.
//
//   Take ── the reader is the scan's alone: it loads what is missing, and shows its batch ── Put
//
// A block is lent, not shared, so that a scan may load columns into it without a lock; another scan that
// wants it meanwhile reads it by itself. The cache holds no file: the blocks of one that is gone are dropped
// when room is wanted, and cannot be asked for before, since no two files have the same number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "store/block_reader.h"
#include "store/part.h"

namespace taffrail::store {

// Safe from any thread.
class BlockCache {
 public:
  // Holds no more than `max_bytes`, and of one block no more than a sixteenth of that: columns that the last
  // scan did not look at go first.
  explicit BlockCache(size_t max_bytes) : max_bytes_(max_bytes) {}

  // Null when the block is not here.
  std::unique_ptr<BlockReader> Take(const Part& part, size_t block);
  void Put(const Part& part, size_t block, std::unique_ptr<BlockReader> reader);

  bool Has(const Part& part, size_t block) const;
  size_t bytes() const;

 private:
  using Key = std::pair<uint64_t, uint32_t>;  // number of the file, of the block
  struct Entry {
    Key key;
    std::weak_ptr<const void> file;
    std::unique_ptr<BlockReader> reader;
    size_t bytes = 0;
  };

  std::unique_ptr<BlockReader> RemoveLocked(size_t index) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void MakeRoomLocked(size_t bytes, std::vector<std::unique_ptr<BlockReader>>& removed)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t max_bytes_;
  mutable absl::Mutex mutex_;
  std::vector<Entry> entries_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<Key, size_t> index_ ABSL_GUARDED_BY(mutex_);  // into entries_
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t victim_ ABSL_GUARDED_BY(mutex_) = 0x9e3779b97f4a7c15;
};

}  // namespace taffrail::store
