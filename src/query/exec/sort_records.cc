// Sort of records: keys are read from the columns; a line is put together only for a row that is kept. Sorted
// records go on as batches, so that whatever follows need not know.
#include <memory>

#include "expr/field_reader.h"
#include "query/exec/operator.h"
#include "query/exec/sort_buffer.h"
#include "query/exec/stored_record.h"
#include "record/row_cursor.h"

namespace taffrail::query::exec {
namespace {

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
    RecordStorer storer(batch);
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
      StoredRecord stored = storer.Store(cursor);
      const size_t bytes = stored.heap_bytes();
      TAFFRAIL_RETURN_IF_ERROR(buffer_.Add(std::move(keys), ordinal, std::move(stored), bytes));
    }
    next_ordinal_ += size;
    context_.stats.rows_in += size;
    return Flow::kMore;
  }

  absl::Status Finish() override {
    const Stopwatch stopwatch(context_.stats);
    absl::Status status;
    RecordSender sender(*next_);
    buffer_.Drain([&](const StoredRecord& stored) {
      ++context_.stats.rows_out;
      const auto flow = sender.Send(stored);
      status = flow.status();
      return flow.ok() && *flow == Flow::kMore;
    });
    TAFFRAIL_RETURN_IF_ERROR(status);
    TAFFRAIL_RETURN_IF_ERROR(sender.Flush().status());
    return next_->Finish();
  }

 private:
  const std::vector<plan::SortKey> keys_;
  SortBuffer<StoredRecord> buffer_;
  const Ties ties_;
  Context context_;
  RecordOperatorPtr next_;
  uint64_t next_ordinal_ = 0;
};

}  // namespace

RecordOperatorPtr MakeRecordSort(const plan::Sort& sort, uint64_t keep, Ties ties, Context context,
                                 RecordOperatorPtr next) {
  return std::make_unique<RecordSort>(sort, keep, ties, context, std::move(next));
}

}  // namespace taffrail::query::exec
