#include "store/memtable.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "record/batch_gather.h"

namespace taffrail::store {
namespace {

// Batches this large are left alone: their fixed costs no longer matter.
constexpr size_t kLargeRows = 8192;

// Batches of one tier differ by less than eight times.
unsigned Tier(const MemBatch& batch) {
  return static_cast<unsigned>(std::bit_width(batch.batch->rows())) / 3;
}

}  // namespace

MemBatch MakeMemBatch(record::RecordBatch batch, uint64_t line_bytes) {
  MemBatch result;
  const auto [min, max] = std::minmax_element(batch.timestamp_ns.begin(), batch.timestamp_ns.end());
  result.min_timestamp_ns = *min;
  result.max_timestamp_ns = *max;
  result.line_bytes = line_bytes;
  result.ids = std::make_shared<MemIds>();
  result.batch = std::make_shared<const record::RecordBatch>(std::move(batch));
  return result;
}

size_t CoalesceTail(const MemBatches& batches, MemBatch& merged) {
  if (batches.size() < kCoalesceFanIn) return 0;
  const size_t first = batches.size() - kCoalesceFanIn;
  for (size_t i = first; i < batches.size(); ++i) {
    if (batches[i].batch->rows() >= kLargeRows || Tier(batches[i]) > Tier(batches[first])) return 0;
  }
  record::BatchGather gather;
  uint64_t line_bytes = 0;
  for (size_t i = first; i < batches.size(); ++i) {
    record::BatchGather::Source source(*batches[i].batch);
    const size_t rows = batches[i].batch->rows();
    if (gather.Append(source, 0, rows) < rows) return 0;  // too many shapes or bytes for one batch
    line_bytes += batches[i].line_bytes;
  }
  merged = MakeMemBatch(gather.Finish(), line_bytes);
  return kCoalesceFanIn;
}

void Memtable::Add(MemBatch batch) {
  rows_ += batch.batch->rows();
  line_bytes_ += batch.line_bytes;
  memory_bytes_ += batch.batch->MemoryBytes();
  batches_.push_back(std::move(batch));
}

void Memtable::ReplaceTail(size_t count, MemBatch merged) {
  for (size_t i = batches_.size() - count; i < batches_.size(); ++i) {
    memory_bytes_ -= batches_[i].batch->MemoryBytes();
  }
  memory_bytes_ += merged.batch->MemoryBytes();
  batches_.resize(batches_.size() - count);
  batches_.push_back(std::move(merged));
}

}  // namespace taffrail::store
