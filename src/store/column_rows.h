// The timestamps and shapes of the records that have a value in a column: columns are dense, rows are not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "record/batch.h"
#include "store/row_context.h"

namespace taffrail::store {

class ColumnRows {
 public:
  // The batch must outlive it and keep its rows' heads.
  explicit ColumnRows(const record::RecordBatch& batch) : batch_(batch) {}

  // One for each of the column's values; valid until the next call.
  std::span<const int64_t> Times(size_t column);
  std::span<const uint32_t> Shapes(size_t column);

  // The row of each of the column's values, valid until the next call; empty: the values are of all rows.
  std::span<const uint32_t> Rows(size_t column) {
    if (!SelectRows(column)) return {};
    return rows_;
  }

  // Whether all of its values come from rows of one shape.
  bool OneShape(size_t column) { return Find().shapes_of_column[column].size() <= 1; }

  // Both, for an encoding. This must outlive it.
  RowContext Context(size_t column) {
    return {.times = [this, column] { return Times(column); },
            .shapes = [this, column] { return Shapes(column); }};
  }

 private:
  // The rows of a batch by shape, and which shapes a column occurs in.
  struct Index {
    std::vector<uint32_t> begin;  // of each shape's rows in `rows`; one more than shapes
    std::vector<uint32_t> rows;
    std::vector<std::vector<uint32_t>> shapes_of_column;
  };
  const Index& Find();
  // Puts the column's rows into rows_; false when they are all rows.
  bool SelectRows(size_t column);

  const record::RecordBatch& batch_;
  Index index_;
  size_t selected_ = SIZE_MAX;  // the column that rows_ is of
  std::vector<uint32_t> rows_;
  std::vector<int64_t> times_;
  std::vector<uint32_t> shapes_;
};

}  // namespace taffrail::store
