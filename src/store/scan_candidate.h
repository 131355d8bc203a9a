// A block, or a batch in memory, that a scan has to look at.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

#include "store/memtable.h"
#include "store/part.h"

namespace taffrail::store {

struct Candidate {
  const Part* part = nullptr;
  size_t block = 0;
  const MemBatch* mem = nullptr;  // when part is null
  int64_t min_timestamp_ns = 0;
  int64_t max_timestamp_ns = 0;
  BlockRows rows;  // of the block, those that may match
};

// How many may match, as far as is known.
inline size_t RowsOf(const Candidate& candidate) {
  if (candidate.part == nullptr) return candidate.mem->batch->rows();
  const size_t rows = candidate.part->blocks()[candidate.block].summary.rows;
  return candidate.rows.all() ? rows : std::min<size_t>(rows, candidate.rows.end) - candidate.rows.begin;
}

// Threads worth having beside the caller's.
inline unsigned HelpersFor(const std::vector<Candidate>& candidates) {
  constexpr unsigned kMaxHelpers = 7;           // more would starve ingestion on small machines
  constexpr size_t kRowsWorthAThread = 24'576;  // fewer are read sooner than a thread is started
  size_t rows = 0;
  for (const Candidate& candidate : candidates) rows += RowsOf(candidate);
  if (rows < kRowsWorthAThread) return 0;
  return std::min(std::max(1U, std::thread::hardware_concurrency()) - 1, kMaxHelpers);
}

}  // namespace taffrail::store
