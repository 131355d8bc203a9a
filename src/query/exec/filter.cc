// Filter, for what could not be pushed into the source.
#include "expr/value_matcher.h"
#include "query/exec/operator.h"

namespace taffrail::query::exec {
namespace {

class RecordFilter final : public RecordOperator {
 public:
  RecordFilter(std::shared_ptr<const expr::Matcher> matcher, Context context, RecordOperatorPtr next)
      : matcher_(std::move(matcher)), context_(context), next_(std::move(next)) {}

  absl::StatusOr<Flow> Push(const Records& records) override {
    const Stopwatch stopwatch(context_.stats);
    expr::Selection kept;
    matcher_->EvaluateAmong(records.batch, records.rows, kept);
    context_.stats.rows_in += records.rows.size();
    context_.stats.rows_out += kept.size();
    if (kept.empty()) return Flow::kMore;
    return next_->Push({records.batch, kept, records.backwards});
  }
  absl::Status Finish() override {
    const Stopwatch stopwatch(context_.stats);
    return next_->Finish();
  }

 private:
  std::shared_ptr<const expr::Matcher> matcher_;
  Context context_;
  RecordOperatorPtr next_;
};

class RowFilter final : public RowOperator {
 public:
  RowFilter(std::unique_ptr<expr::ValueMatcher> matcher, Context context, RowOperatorPtr next)
      : matcher_(std::move(matcher)), context_(context), next_(std::move(next)) {}

  absl::StatusOr<Flow> Push(Row row) override {
    ++context_.stats.rows_in;
    if (!matcher_->Matches(row)) return Flow::kMore;
    ++context_.stats.rows_out;
    return next_->Push(std::move(row));
  }
  absl::Status Finish() override { return next_->Finish(); }

 private:
  std::unique_ptr<expr::ValueMatcher> matcher_;
  Context context_;
  RowOperatorPtr next_;
};

}  // namespace

absl::StatusOr<RecordOperatorPtr> MakeRecordFilter(const plan::Filter& filter, Context context,
                                                   RecordOperatorPtr next) {
  TAFFRAIL_ASSIGN_OR_RETURN(auto matcher, expr::Matcher::Compile(filter.condition));
  return std::make_unique<RecordFilter>(std::move(matcher), context, std::move(next));
}

absl::StatusOr<RowOperatorPtr> MakeRowFilter(const plan::Filter& filter, const ColumnNames& columns,
                                             Context context, RowOperatorPtr next) {
  TAFFRAIL_ASSIGN_OR_RETURN(auto matcher, expr::ValueMatcher::Compile(filter.condition, columns));
  return std::make_unique<RowFilter>(std::move(matcher), context, std::move(next));
}

}  // namespace taffrail::query::exec
