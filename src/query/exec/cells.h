// One row seen as numbered cells, whether it is a record of a batch or a row of a table: what Project and
// Aggregate read.
#pragma once

#include <string>
#include <vector>

#include "expr/field_reader.h"
#include "expr/value.h"
#include "record/row_cursor.h"

namespace taffrail::query::exec {

class Cells {
 public:
  virtual ~Cells() = default;
  virtual expr::Value Read(size_t cell) const = 0;
  virtual bool ReadNumber(size_t cell, expr::Numeric& number) const = 0;
  virtual void AppendKey(size_t cell, std::string& key) const = 0;
};

// Cells are fields of the record on which the cursor stands. A timestamp reads as RFC 3339 in UTC with nine
// digits, whose order as text is that of time.
class RecordCells final : public Cells {
 public:
  RecordCells(const record::RecordBatch& batch, const std::vector<expr::FieldRef>& fields);

  void MoveTo(uint32_t row) { cursor_.MoveTo(row); }
  int64_t timestamp_ns() const { return batch_.timestamp_ns[cursor_.row()]; }

  expr::Value Read(size_t cell) const override;
  bool ReadNumber(size_t cell, expr::Numeric& number) const override;
  void AppendKey(size_t cell, std::string& key) const override;

 private:
  const record::RecordBatch& batch_;
  record::RowCursor cursor_;
  std::vector<expr::FieldReader> readers_;
  std::vector<bool> is_time_;
};

// Cells are chosen columns of a row.
class RowCells final : public Cells {
 public:
  explicit RowCells(std::vector<size_t> columns) : columns_(std::move(columns)) {}

  void MoveTo(const std::vector<expr::Value>& row) { row_ = &row; }

  expr::Value Read(size_t cell) const override { return (*row_)[columns_[cell]]; }
  bool ReadNumber(size_t cell, expr::Numeric& number) const override;
  void AppendKey(size_t cell, std::string& key) const override {
    expr::AppendKey((*row_)[columns_[cell]], key);
  }

 private:
  std::vector<size_t> columns_;
  const std::vector<expr::Value>* row_ = nullptr;
};

}  // namespace taffrail::query::exec
