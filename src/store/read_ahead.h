// Asks the disk for the blocks that a scan comes to next.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "store/block_cache.h"
#include "store/scan_candidate.h"

namespace taffrail::store {

// A block is read in parts, each after the one before has said which: its directory, the heads, what a step
// of the predicate looks at. On a disk that is waited for, that is four waits a block. Where a scan reads
// much of its blocks, the next are fetched as a whole while these are decoded.
//
// Safe from any thread.
class ReadAhead {
 public:
  explicit ReadAhead(const BlockCache* cache) : cache_(cache) {}  // null: there is none

  // How many blocks ahead of the one that begins, with so many threads beside the caller's: while each is at
  // one, those that it comes to next are on their way.
  static size_t Distance(size_t helpers) { return 2 * (helpers + 1); }
  // A block that was read from its file.
  void Count(uint64_t bytes_read, uint64_t block_bytes) {
    bytes_read_.fetch_add(bytes_read, std::memory_order_relaxed);
    block_bytes_.fetch_add(block_bytes, std::memory_order_relaxed);
  }
  void Ask(const Candidate& candidate) const {
    if (candidate.part == nullptr || !candidate.rows.all() || !Pays()) return;
    if (cache_ != nullptr && cache_->Has(*candidate.part, candidate.block)) return;
    candidate.part->WillRead(candidate.block);
  }

 private:
  // The kernel fetches what lies around each part as well: a third read is most of it fetched.
  bool Pays() const {
    const uint64_t read = bytes_read_.load(std::memory_order_relaxed);
    return read != 0 && read >= block_bytes_.load(std::memory_order_relaxed) / 3;
  }

  const BlockCache* const cache_;
  std::atomic<uint64_t> bytes_read_ = 0;
  std::atomic<uint64_t> block_bytes_ = 0;
};

}  // namespace taffrail::store
