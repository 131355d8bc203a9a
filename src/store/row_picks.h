// Where the values of a few rows stand in the columns of a block, which are dense.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "expr/matcher.h"
#include "record/batch.h"

namespace taffrail::store {

class RowPicks {
 public:
  // REQUIRES: rows ascending; the batch has its rows' shapes. Both must outlive this.
  RowPicks(const record::RecordBatch& batch, const expr::Selection& rows);

  struct Values {
    std::vector<uint32_t> index;  // in the column, ascending
    std::vector<uint32_t> pick;   // of each: the number of its row among the picked ones
  };
  const expr::Selection& rows() const { return rows_; }
  const Values& Of(size_t column) const { return values_[column]; }

  // Where each of them stands when the column's values are ordered by shape (picks.h).
  std::vector<uint32_t> ShapeOrder(size_t column);

 private:
  void CountShapes();

  const record::RecordBatch& batch_;
  const expr::Selection& rows_;
  std::vector<Values> values_;  // by column
  // Empty until asked for:
  std::vector<uint32_t> shape_rows_;                     // by shape: how many rows
  std::vector<uint32_t> rank_;                           // by picked row: how many of its shape come before
  std::vector<std::vector<uint32_t>> shapes_of_column_;  // ascending
};

}  // namespace taffrail::store
