// Prints an answer in one of the formats: a class each, made by name.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cmd/output.h"
#include "cmd/terminal.h"
#include "query/exec/executor.h"

namespace taffrail::cmd {

// raw, ndjson, json   as the server (server/answer_writer.h)
// table               aligned columns
// csv                 RFC 4180
// pretty              for people (pretty.h); rows of a table as table
const std::vector<std::string>& AnswerFormats();

struct AnswerStyle {
  bool color = false;
  size_t width = 0;                 // 0: as wide as it needs
  std::vector<std::string> fields;  // columns of records in table and csv; empty: their defaults
};

class AnswerPrinter : public query::exec::ResultSink {
 public:
  // REQUIRES: format is one of AnswerFormats(); output outlives the printer.
  static std::unique_ptr<AnswerPrinter> Create(std::string_view format, const AnswerStyle& style,
                                               Output& output);

  bool OnColumns(const std::vector<std::string>& columns) final { return Columns(columns); }
  bool OnRecord(const query::exec::LogRow& row) final {
    ++rows_;
    return Record(row);
  }
  bool OnRow(const std::vector<expr::Value>& row) final {
    ++rows_;
    return Row(row);
  }

  // Prints what is waiting: at a pause of a live answer. False once nobody reads.
  virtual bool Flush() { return output_.Flush(); }
  // After the last row, also when there was none.
  void Finish() {
    End();
    output_.Flush();
  }
  uint64_t rows() const { return rows_; }

 protected:
  explicit AnswerPrinter(Output& output) : output_(output) {}
  virtual bool Columns(const std::vector<std::string>& columns) = 0;
  virtual bool Record(const query::exec::LogRow& row) = 0;
  virtual bool Row(const std::vector<expr::Value>& row) = 0;
  virtual void End() = 0;

  Output& output_;

 private:
  uint64_t rows_ = 0;
};

}  // namespace taffrail::cmd
