// Rows that are durable in the WAL and not in a part yet: immutable batches in the order of their sequences.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "record/batch.h"
#include "store/mem_ids.h"

namespace taffrail::store {

struct MemBatch {
  std::shared_ptr<const record::RecordBatch> batch;
  uint64_t line_bytes = 0;
  int64_t min_timestamp_ns = 0;
  int64_t max_timestamp_ns = 0;
  std::shared_ptr<MemIds> ids;
};
using MemBatches = std::vector<MemBatch>;

MemBatch MakeMemBatch(record::RecordBatch batch, uint64_t line_bytes);

inline constexpr ptrdiff_t kCoalesceFanIn = 8;

// Senders of single lines would make thousands of tiny batches, each with its own shapes and columns: when
// the last kCoalesceFanIn batches are of about one size they become one. Returns how many at the end `merged`
// stands for, 0 when nothing is to be done. A row is copied a handful of times at most, since batches only
// grow.
size_t CoalesceTail(const MemBatches& batches, MemBatch& merged);

class Memtable {
 public:
  void Add(MemBatch batch);
  // Replaces the last `count` batches by one with the same rows.
  void ReplaceTail(size_t count, MemBatch merged);

  const MemBatches& batches() const { return batches_; }
  uint64_t rows() const { return rows_; }
  uint64_t line_bytes() const { return line_bytes_; }
  uint64_t memory_bytes() const { return memory_bytes_; }
  bool empty() const { return rows_ == 0; }

 private:
  MemBatches batches_;
  uint64_t rows_ = 0;
  uint64_t line_bytes_ = 0;
  uint64_t memory_bytes_ = 0;
};

}  // namespace taffrail::store
