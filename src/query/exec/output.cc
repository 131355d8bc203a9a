// The end of the line: hands the answer to the sink.
#include <string>

#include "query/exec/operator.h"
#include "record/row_cursor.h"

namespace taffrail::query::exec {
namespace {

class RecordOutput final : public RecordOperator {
 public:
  RecordOutput(ResultSink& sink, Context context) : sink_(sink), context_(context) {}

  absl::StatusOr<Flow> Push(const Records& records) override {
    const Stopwatch stopwatch(context_.stats);
    if (records.backwards) return PushBackwards(records);
    record::RowCursor cursor(records.batch);
    for (const uint32_t row : records.rows) {
      cursor.MoveTo(row);
      text_.clear();
      cursor.AppendLine(text_);
      const size_t line_size = text_.size();
      cursor.AppendAttributes(text_);
      if (!Emit(records.batch, row, text_, line_size)) return Flow::kEnough;
    }
    return Flow::kMore;
  }
  absl::Status Finish() override { return absl::OkStatus(); }

 private:
  // Values can only be found walking forward, so a stretch of lines is put together first and handed over
  // from its end.
  absl::StatusOr<Flow> PushBackwards(const Records& records) {
    constexpr size_t kStretchRows = 4096;  // a few MB of lines at a time
    struct Piece {
      size_t begin, line_size, end;
    };
    std::vector<Piece> pieces;
    for (size_t end = records.rows.size(); end > 0;) {
      const size_t begin = end > kStretchRows ? end - kStretchRows : 0;
      text_.clear();
      pieces.clear();
      record::RowCursor cursor(records.batch);
      for (size_t i = begin; i < end; ++i) {
        cursor.MoveTo(records.rows[i]);
        const size_t start = text_.size();
        cursor.AppendLine(text_);
        const size_t line_size = text_.size() - start;
        cursor.AppendAttributes(text_);
        pieces.push_back({start, line_size, text_.size()});
      }
      for (; end > begin; --end) {
        const Piece& piece = pieces[end - 1 - begin];
        const std::string_view text = std::string_view(text_).substr(piece.begin, piece.end - piece.begin);
        if (!Emit(records.batch, records.rows[end - 1], text, piece.line_size)) return Flow::kEnough;
      }
    }
    return Flow::kMore;
  }

  bool Emit(const record::RecordBatch& batch, uint32_t row, std::string_view text, size_t line_size) {
    static const record::Labels kNoLabels;
    LogRow out;
    out.timestamp_ns = batch.timestamp_ns[row];
    out.sequence = batch.sequence.empty() ? 0 : batch.sequence[row];
    out.labels = batch.streams.empty() ? &kNoLabels : &batch.streams[batch.stream_of(row)].labels;
    out.line = text.substr(0, line_size);
    out.attributes = text.substr(line_size);
    ++context_.stats.rows_in;
    ++context_.stats.rows_out;
    return sink_.OnRecord(out);
  }

  ResultSink& sink_;
  Context context_;
  std::string text_;
};

class RowOutput final : public RowOperator {
 public:
  RowOutput(ResultSink& sink, Context context) : sink_(sink), context_(context) {}
  absl::StatusOr<Flow> Push(Row row) override {
    ++context_.stats.rows_in;
    ++context_.stats.rows_out;
    return sink_.OnRow(row) ? Flow::kMore : Flow::kEnough;
  }
  absl::Status Finish() override { return absl::OkStatus(); }

 private:
  ResultSink& sink_;
  Context context_;
};

}  // namespace

RecordOperatorPtr MakeRecordOutput(ResultSink& sink, Context context) {
  return std::make_unique<RecordOutput>(sink, context);
}

RowOperatorPtr MakeRowOutput(ResultSink& sink, Context context) {
  return std::make_unique<RowOutput>(sink, context);
}

}  // namespace taffrail::query::exec
