// Limit: passes `count` rows after the first `offset`, then asks for no more, which ends the scan.
#include <algorithm>

#include "query/exec/operator.h"

namespace taffrail::query::exec {
namespace {

class RecordLimit final : public RecordOperator {
 public:
  RecordLimit(const plan::Limit& limit, Context context, RecordOperatorPtr next)
      : skip_(limit.offset), left_(limit.count), context_(context), next_(std::move(next)) {}

  absl::StatusOr<Flow> Push(const Records& records) override {
    const Stopwatch stopwatch(context_.stats);
    if (left_ == 0) return Flow::kEnough;
    context_.stats.rows_in += records.rows.size();
    const size_t size = records.rows.size();
    const auto skipped = static_cast<size_t>(std::min<uint64_t>(skip_, size));
    const auto taken = static_cast<size_t>(std::min<uint64_t>(left_, size - skipped));
    skip_ -= skipped;
    left_ -= taken;
    if (taken == 0) return Flow::kMore;
    const size_t first = records.backwards ? size - skipped - taken : skipped;
    const auto begin = records.rows.begin() + static_cast<ptrdiff_t>(first);
    const expr::Selection rows(begin, begin + static_cast<ptrdiff_t>(taken));
    context_.stats.rows_out += taken;
    TAFFRAIL_ASSIGN_OR_RETURN(const Flow flow, next_->Push({records.batch, rows, records.backwards}));
    return left_ == 0 ? Flow::kEnough : flow;
  }
  absl::Status Finish() override {
    const Stopwatch stopwatch(context_.stats);
    return next_->Finish();
  }

 private:
  uint64_t skip_;
  uint64_t left_;
  Context context_;
  RecordOperatorPtr next_;
};

class RowLimit final : public RowOperator {
 public:
  RowLimit(const plan::Limit& limit, Context context, RowOperatorPtr next)
      : skip_(limit.offset), left_(limit.count), context_(context), next_(std::move(next)) {}

  absl::StatusOr<Flow> Push(Row row) override {
    if (left_ == 0) return Flow::kEnough;
    ++context_.stats.rows_in;
    if (skip_ > 0) {
      --skip_;
      return Flow::kMore;
    }
    --left_;
    ++context_.stats.rows_out;
    TAFFRAIL_ASSIGN_OR_RETURN(const Flow flow, next_->Push(std::move(row)));
    return left_ == 0 ? Flow::kEnough : flow;
  }
  absl::Status Finish() override { return next_->Finish(); }

 private:
  uint64_t skip_;
  uint64_t left_;
  Context context_;
  RowOperatorPtr next_;
};

}  // namespace

RecordOperatorPtr MakeRecordLimit(const plan::Limit& limit, Context context, RecordOperatorPtr next) {
  return std::make_unique<RecordLimit>(limit, context, std::move(next));
}

RowOperatorPtr MakeRowLimit(const plan::Limit& limit, Context context, RowOperatorPtr next) {
  return std::make_unique<RowLimit>(limit, context, std::move(next));
}

}  // namespace taffrail::query::exec
