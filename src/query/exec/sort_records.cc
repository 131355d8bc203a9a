// Sort of records: keys are read from the columns; a line is put together only for a row that is kept. Sorted
// records go on as batches, so that whatever follows need not know.
#include <memory>

#include "expr/field_reader.h"
#include "query/exec/operator.h"
#include "query/exec/sort_buffer.h"
#include "record/batch_builder.h"
#include "record/row_cursor.h"

namespace taffrail::query::exec {
namespace {

struct StoredRecord {
  int64_t timestamp_ns = 0;
  uint64_t sequence = 0;
  std::shared_ptr<const record::Labels> labels;
  std::string line;
  std::string attributes;
};

class RecordSort final : public RecordOperator {
 public:
  RecordSort(const plan::Sort& sort, uint64_t keep, Ties ties, Context context, RecordOperatorPtr next)
      : keys_(sort.keys),
        buffer_(sort.keys, keep, context.budget),
        ties_(ties),
        context_(context),
        next_(std::move(next)) {}

  absl::StatusOr<Flow> Push(const Records& records) override {
    const Stopwatch stopwatch(context_.stats);
    const record::RecordBatch& batch = records.batch;
    std::vector<expr::FieldReader> readers;
    for (const plan::SortKey& key : keys_) readers.emplace_back(batch, key.field);
    std::vector<std::shared_ptr<const record::Labels>> labels(std::max<size_t>(1, batch.streams.size()));
    record::RowCursor cursor(batch);
    const size_t size = records.rows.size();
    for (size_t i = 0; i < size; ++i) {
      const uint32_t row = records.rows[i];
      const uint64_t place = next_ordinal_ + (records.backwards ? size - 1 - i : i);
      const uint64_t ordinal = ties_ == Ties::kFirstFirst ? place : ~place;
      cursor.MoveTo(row);
      std::vector<expr::Value> keys;
      keys.reserve(readers.size());
      for (const expr::FieldReader& reader : readers) keys.push_back(reader.Read(cursor));
      if (!buffer_.Wants(keys, ordinal)) continue;
      std::shared_ptr<const record::Labels>& shared = labels[batch.stream_of(row)];
      if (shared == nullptr && !batch.streams.empty()) {
        shared = std::make_shared<record::Labels>(batch.streams[batch.stream_of(row)].labels);
      }
      StoredRecord stored = Store(batch, row, cursor, shared);
      const size_t bytes = stored.line.capacity() + stored.attributes.capacity();
      TAFFRAIL_RETURN_IF_ERROR(buffer_.Add(std::move(keys), ordinal, std::move(stored), bytes));
    }
    next_ordinal_ += size;
    context_.stats.rows_in += size;
    return Flow::kMore;
  }

  absl::Status Finish() override {
    const Stopwatch stopwatch(context_.stats);
    absl::Status status;
    buffer_.Drain([&](StoredRecord stored) {
      ++context_.stats.rows_out;
      Append(stored);
      if (!builder_.Full()) return true;
      const auto flow = Flush();
      status = flow.status();
      return flow.ok() && *flow == Flow::kMore;
    });
    TAFFRAIL_RETURN_IF_ERROR(status);
    TAFFRAIL_RETURN_IF_ERROR(Flush().status());
    return next_->Finish();
  }

 private:
  static StoredRecord Store(const record::RecordBatch& batch, uint32_t row, const record::RowCursor& cursor,
                            const std::shared_ptr<const record::Labels>& labels) {
    StoredRecord stored;
    stored.timestamp_ns = batch.timestamp_ns[row];
    stored.sequence = batch.sequence.empty() ? 0 : batch.sequence[row];
    stored.labels = labels;
    cursor.AppendLine(stored.line);
    cursor.AppendAttributes(stored.attributes);
    return stored;
  }

  void Append(const StoredRecord& stored) {
    builder_.SetStream(stored.labels != nullptr ? *stored.labels : record::Labels());
    builder_.Append(stored.line, stored.timestamp_ns, stored.attributes);
    sequence_.push_back(stored.sequence);
  }

  absl::StatusOr<Flow> Flush() {
    if (sequence_.empty()) return Flow::kMore;
    record::RecordBatch batch = builder_.Finish();
    batch.sequence = std::move(sequence_);
    sequence_.clear();
    expr::Selection rows(batch.rows());
    for (uint32_t i = 0; i < rows.size(); ++i) rows[i] = i;
    return next_->Push({batch, rows, /*backwards=*/false});
  }

  const std::vector<plan::SortKey> keys_;
  SortBuffer<StoredRecord> buffer_;
  const Ties ties_;
  Context context_;
  RecordOperatorPtr next_;
  uint64_t next_ordinal_ = 0;
  record::BatchBuilder builder_;
  std::vector<uint64_t> sequence_;  // of the rows in builder_
};

}  // namespace

RecordOperatorPtr MakeRecordSort(const plan::Sort& sort, uint64_t keep, Ties ties, Context context,
                                 RecordOperatorPtr next) {
  return std::make_unique<RecordSort>(sort, keep, ties, context, std::move(next));
}

}  // namespace taffrail::query::exec
