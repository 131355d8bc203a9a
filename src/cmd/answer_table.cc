// table, csv and pretty: answers for people and their spreadsheets.
#include <numeric>
#include <utility>

#include "base/time_text.h"
#include "cmd/answer_formats.h"
#include "cmd/pretty.h"
#include "cmd/row_batcher.h"
#include "cmd/table.h"
#include "expr/field_reader.h"
#include "record/well_known.h"

namespace taffrail::cmd {
namespace {

using expr::FieldRef;

// Names that mean the well-known field, whatever the line calls it; any other is a path.
FieldRef FieldOf(const std::string& name) {
  if (name == "timestamp") return {FieldRef::Source::kTimestamp, {}};
  if (name == "level") return {FieldRef::Source::kLevel, {}};
  if (name == "message") return {FieldRef::Source::kMessage, {}};
  if (name == "line") return {FieldRef::Source::kLine, {}};
  return {FieldRef::Source::kField, name};
}

// Both tables: turns records into cells.
class Cells : public AnswerPrinter {
 public:
  Cells(const AnswerStyle& style, const std::vector<std::string>& default_fields, Output& output)
      : AnswerPrinter(output),
        fields_(style.fields.empty() ? default_fields : style.fields),
        batcher_([this](const auto& batch) { Add(batch); }) {}

  bool Flush() override {
    batcher_.Flush();
    return AnswerPrinter::Flush();
  }

 protected:
  // False once nobody reads.
  virtual bool AddRow(std::vector<std::string> cells) = 0;

  const std::vector<std::string>& header() const { return columns_.empty() ? fields_ : columns_; }

  bool Columns(const std::vector<std::string>& columns) final {
    columns_ = columns;
    return true;
  }

  bool Record(const query::exec::LogRow& row) final {
    batcher_.Add(row);
    return open_;
  }

  bool Row(const std::vector<expr::Value>& row) final {
    std::vector<std::string> cells;
    for (const expr::Value& value : row) cells.push_back(expr::ToText(value));
    return AddRow(std::move(cells));
  }

  void End() override { batcher_.Flush(); }

 private:
  void Add(const record::RecordBatch& batch) {
    std::vector<expr::FieldReader> readers;
    for (const std::string& field : fields_) readers.emplace_back(batch, FieldOf(field));
    record::RowCursor cursor(batch);
    for (size_t row = 0; row < batch.rows(); ++row) {
      cursor.MoveTo(row);
      std::vector<std::string> cells;
      for (size_t i = 0; i < readers.size(); ++i) {
        cells.push_back(fields_[i] == "timestamp" ? base::FormatRfc3339(batch.timestamp_ns[row])
                                                  : expr::ToText(readers[i].Read(cursor)));
      }
      open_ = AddRow(std::move(cells)) && open_;
    }
  }

  const std::vector<std::string> fields_;
  std::vector<std::string> columns_;  // of a table; empty for records
  RowBatcher batcher_;
  bool open_ = true;
};

class Csv final : public Cells {
 public:
  Csv(const AnswerStyle& style, Output& output) : Cells(style, {"timestamp", "line"}, output) {}

 protected:
  bool AddRow(std::vector<std::string> cells) override {
    Header();
    AppendCsvRow(cells, output_.buffer());
    return output_.Write({});
  }
  void End() override {
    Cells::End();
    Header();
  }

 private:
  void Header() {
    if (!std::exchange(header_written_, true)) AppendCsvRow(header(), output_.buffer());
  }
  bool header_written_ = false;
};

// Held until its end: the widths are known only then.
class AlignedTable final : public Cells {
 public:
  AlignedTable(const AnswerStyle& style, Output& output)
      : Cells(style, {"timestamp", "level", "service", "message"}, output), style_(style) {}

  bool Flush() override {
    Cells::Flush();
    return Print() && output_.Flush();
  }

 protected:
  bool AddRow(std::vector<std::string> cells) override {
    if (table_ == nullptr) table_ = std::make_unique<Table>(header());
    table_->AddRow(std::move(cells));
    // A table longer than this is no longer looked at as one: it goes out in pieces, each aligned by itself.
    constexpr size_t kPieceRows = 10'000;
    return table_->rows() < kPieceRows || Print();
  }
  void End() override {
    Cells::End();
    Print();
  }

 private:
  bool Print() {
    if (table_ == nullptr) return true;
    return output_.Write(std::exchange(table_, nullptr)->Render(Painter(style_.color), style_.width));
  }

  const AnswerStyle style_;
  std::unique_ptr<Table> table_;
};

class Pretty final : public AnswerPrinter {
 public:
  Pretty(const AnswerStyle& style, Output& output)
      : AnswerPrinter(output),
        printer_(Painter(style.color)),
        batcher_([this](const auto& batch) { Print(batch); }),
        table_(MakeTable(style, output)) {}

  bool Flush() override {
    batcher_.Flush();
    return table_->Flush();
  }

 protected:
  bool Columns(const std::vector<std::string>& columns) override { return table_->OnColumns(columns); }
  bool Record(const query::exec::LogRow& row) override {
    batcher_.Add(row);
    return open_;
  }
  bool Row(const std::vector<expr::Value>& row) override { return table_->OnRow(row); }
  void End() override {
    batcher_.Flush();
    table_->Finish();
  }

 private:
  void Print(const record::RecordBatch& batch) {
    expr::Selection all(batch.rows());
    std::iota(all.begin(), all.end(), 0u);
    printer_.Append(batch, all, output_.buffer());
    open_ = output_.Write({}) && open_;
  }

  PrettyPrinter printer_;
  RowBatcher batcher_;
  std::unique_ptr<AnswerPrinter> table_;
  bool open_ = true;
};

}  // namespace

std::unique_ptr<AnswerPrinter> MakeTable(const AnswerStyle& style, Output& output) {
  return std::make_unique<AlignedTable>(style, output);
}
std::unique_ptr<AnswerPrinter> MakeCsv(const AnswerStyle& style, Output& output) {
  return std::make_unique<Csv>(style, output);
}
std::unique_ptr<AnswerPrinter> MakePretty(const AnswerStyle& style, Output& output) {
  return std::make_unique<Pretty>(style, output);
}

}  // namespace taffrail::cmd
