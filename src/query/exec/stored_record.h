// Records kept outside of a batch, and how they become batches again.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "query/exec/operator.h"
#include "record/batch_builder.h"
#include "record/row_cursor.h"

namespace taffrail::query::exec {

struct StoredRecord {
  int64_t timestamp_ns = 0;
  uint64_t sequence = 0;
  std::shared_ptr<const record::Labels> labels;
  std::string line;
  std::string attributes;

  size_t heap_bytes() const { return line.capacity() + attributes.capacity(); }
};

// Copies records out of one batch; those of a stream share its labels.
class RecordStorer {
 public:
  explicit RecordStorer(const record::RecordBatch& batch)
      : batch_(batch), labels_(std::max<size_t>(1, batch.streams.size())) {}

  // The record on which a cursor of the batch stands.
  StoredRecord Store(const record::RowCursor& cursor) {
    const size_t row = cursor.row();
    std::shared_ptr<const record::Labels>& labels = labels_[batch_.stream_of(row)];
    if (labels == nullptr && !batch_.streams.empty()) {
      labels = std::make_shared<record::Labels>(batch_.streams[batch_.stream_of(row)].labels);
    }
    StoredRecord stored;
    stored.timestamp_ns = batch_.timestamp_ns[row];
    stored.sequence = batch_.sequence.empty() ? 0 : batch_.sequence[row];
    stored.labels = labels;
    cursor.AppendLine(stored.line);
    cursor.AppendAttributes(stored.attributes);
    return stored;
  }

 private:
  const record::RecordBatch& batch_;
  std::vector<std::shared_ptr<const record::Labels>> labels_;  // by stream
};

// Hands records to the next operator, in batches.
class RecordSender {
 public:
  explicit RecordSender(RecordOperator& next) : next_(next) {}

  absl::StatusOr<Flow> Send(const StoredRecord& stored) {
    builder_.SetStream(stored.labels != nullptr ? *stored.labels : record::Labels());
    builder_.Append(stored.line, stored.timestamp_ns, stored.attributes);
    sequence_.push_back(stored.sequence);
    if (!builder_.Full()) return Flow::kMore;
    return Flush();
  }

  absl::StatusOr<Flow> Flush() {
    if (sequence_.empty()) return Flow::kMore;
    record::RecordBatch batch = builder_.Finish();
    batch.sequence = std::exchange(sequence_, {});
    expr::Selection rows(batch.rows());
    for (uint32_t i = 0; i < rows.size(); ++i) rows[i] = i;
    return next_.Push({batch, rows, /*backwards=*/false});
  }

 private:
  RecordOperator& next_;
  record::BatchBuilder builder_;
  std::vector<uint64_t> sequence_;  // of the rows in builder_
};

}  // namespace taffrail::query::exec
