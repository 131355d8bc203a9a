// Project: records or rows → rows of the named columns.
#include "query/exec/cells.h"
#include "query/exec/operator.h"

namespace taffrail::query::exec {
namespace {

std::vector<expr::FieldRef> FieldsOf(const plan::Project& project) {
  std::vector<expr::FieldRef> fields;
  for (const plan::Column& column : project.columns) fields.push_back(column.field);
  return fields;
}

Row ReadRow(const Cells& cells, size_t size) {
  Row row;
  row.reserve(size);
  for (size_t i = 0; i < size; ++i) row.push_back(cells.Read(i));
  return row;
}

class RecordProject final : public RecordOperator {
 public:
  RecordProject(const plan::Project& project, Context context, RowOperatorPtr next)
      : fields_(FieldsOf(project)), context_(context), next_(std::move(next)) {}

  absl::StatusOr<Flow> Push(const Records& records) override {
    const Stopwatch stopwatch(context_.stats);
    context_.stats.rows_in += records.rows.size();
    if (records.backwards) return PushBackwards(records);
    RecordCells cells(records.batch, fields_);
    for (const uint32_t row : records.rows) {
      cells.MoveTo(row);
      ++context_.stats.rows_out;
      TAFFRAIL_ASSIGN_OR_RETURN(const Flow flow, next_->Push(ReadRow(cells, fields_.size())));
      if (flow == Flow::kEnough) return flow;
    }
    return Flow::kMore;
  }
  absl::Status Finish() override {
    const Stopwatch stopwatch(context_.stats);
    return next_->Finish();
  }

 private:
  // Values can only be found walking forward: read a stretch, hand it over from its end.
  absl::StatusOr<Flow> PushBackwards(const Records& records) {
    constexpr size_t kStretchRows = 4096;
    std::vector<Row> stretch;
    for (size_t end = records.rows.size(); end > 0;) {
      const size_t begin = end > kStretchRows ? end - kStretchRows : 0;
      RecordCells cells(records.batch, fields_);
      stretch.clear();
      for (size_t i = begin; i < end; ++i) {
        cells.MoveTo(records.rows[i]);
        stretch.push_back(ReadRow(cells, fields_.size()));
      }
      for (; end > begin; --end) {
        ++context_.stats.rows_out;
        TAFFRAIL_ASSIGN_OR_RETURN(const Flow flow, next_->Push(std::move(stretch[end - 1 - begin])));
        if (flow == Flow::kEnough) return flow;
      }
    }
    return Flow::kMore;
  }

  const std::vector<expr::FieldRef> fields_;
  Context context_;
  RowOperatorPtr next_;
};

class RowProject final : public RowOperator {
 public:
  RowProject(std::vector<size_t> columns, Context context, RowOperatorPtr next)
      : size_(columns.size()), cells_(std::move(columns)), context_(context), next_(std::move(next)) {}

  absl::StatusOr<Flow> Push(Row row) override {
    ++context_.stats.rows_in;
    ++context_.stats.rows_out;
    cells_.MoveTo(row);
    return next_->Push(ReadRow(cells_, size_));
  }
  absl::Status Finish() override { return next_->Finish(); }

 private:
  size_t size_;
  RowCells cells_;
  Context context_;
  RowOperatorPtr next_;
};

}  // namespace

RecordOperatorPtr MakeProject(const plan::Project& project, Context context, RowOperatorPtr next) {
  return std::make_unique<RecordProject>(project, context, std::move(next));
}

RowOperatorPtr MakeRowProject(const plan::Project& project, const ColumnNames& columns, Context context,
                              RowOperatorPtr next) {
  std::vector<size_t> chosen;
  for (const plan::Column& column : project.columns) chosen.push_back(ColumnIndex(columns, column.field));
  return std::make_unique<RowProject>(std::move(chosen), context, std::move(next));
}

}  // namespace taffrail::query::exec
