// The timestamps and shapes of the records that have a value in a column: columns are dense, rows are not.
#pragma once

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

  // Both, for an encoding. This must outlive it.
  RowContext Context(size_t column) {
    return {.times = [this, column] { return Times(column); },
            .shapes = [this, column] { return Shapes(column); }};
  }

 private:
  // By shape: whether its rows have a value in the column. True as a whole when all have.
  bool FindShapes(size_t column);

  const record::RecordBatch& batch_;
  std::vector<char> has_;
  std::vector<int64_t> times_;
  std::vector<uint32_t> shapes_;
};

}  // namespace taffrail::store
