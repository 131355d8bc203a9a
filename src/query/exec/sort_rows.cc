// Sort of a table's rows.
#include "query/exec/operator.h"
#include "query/exec/sort_buffer.h"

namespace taffrail::query::exec {
namespace {

class RowSort final : public RowOperator {
 public:
  RowSort(const plan::Sort& sort, const ColumnNames& columns, uint64_t keep, Context context,
          RowOperatorPtr next)
      : buffer_(sort.keys, keep, context.budget), context_(context), next_(std::move(next)) {
    for (const plan::SortKey& key : sort.keys) columns_.push_back(ColumnIndex(columns, key.field));
  }

  absl::StatusOr<Flow> Push(Row row) override {
    ++context_.stats.rows_in;
    std::vector<expr::Value> keys;
    keys.reserve(columns_.size());
    for (const size_t column : columns_) keys.push_back(row[column]);
    const uint64_t ordinal = next_ordinal_++;
    if (!buffer_.Wants(keys, ordinal)) return Flow::kMore;
    const size_t bytes = HeapBytes(row);
    TAFFRAIL_RETURN_IF_ERROR(buffer_.Add(std::move(keys), ordinal, std::move(row), bytes));
    return Flow::kMore;
  }

  absl::Status Finish() override {
    const Stopwatch stopwatch(context_.stats);
    absl::Status status;
    buffer_.Drain([&](Row row) {
      ++context_.stats.rows_out;
      const auto flow = next_->Push(std::move(row));
      status = flow.status();
      return flow.ok() && *flow == Flow::kMore;
    });
    TAFFRAIL_RETURN_IF_ERROR(status);
    return next_->Finish();
  }

 private:
  std::vector<size_t> columns_;
  SortBuffer<Row> buffer_;
  Context context_;
  RowOperatorPtr next_;
  uint64_t next_ordinal_ = 0;
};

}  // namespace

RowOperatorPtr MakeRowSort(const plan::Sort& sort, const ColumnNames& columns, uint64_t keep, Context context,
                           RowOperatorPtr next) {
  return std::make_unique<RowSort>(sort, columns, keep, context, std::move(next));
}

}  // namespace taffrail::query::exec
