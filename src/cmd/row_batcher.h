// Gathers the records of an answer into batches again, so that what reads fields (levels, messages, columns)
// works on columns, whether the records came from a store, from files or over HTTP.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "query/exec/executor.h"
#include "record/batch.h"
#include "record/batch_builder.h"

namespace taffrail::cmd {

// Not thread-safe.
class RowBatcher {
 public:
  // The batch has all columns loaded, and sequence numbers where the rows had them.
  using OnBatch = std::function<void(const record::RecordBatch& batch)>;
  explicit RowBatcher(OnBatch on_batch) : on_batch_(std::move(on_batch)) {}

  void Add(const query::exec::LogRow& row);
  void Flush();  // what is waiting

 private:
  // A screenful or two: large enough to share the cost of a batch, small enough that the first lines come at
  // once.
  static constexpr size_t kRows = 256;

  const OnBatch on_batch_;
  record::BatchBuilder builder_;
  std::vector<uint64_t> sequences_;
};

}  // namespace taffrail::cmd
