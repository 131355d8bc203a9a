// Where the values of a few rows stand in the columns of a block, which are dense.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "expr/matcher.h"
#include "record/batch.h"
#include "store/shape_counts.h"

namespace taffrail::store {

class RowPicks {
 public:
  // Of the columns for which needed[column] is true. REQUIRES: rows ascending; the batch has its rows'
  // shapes, and `counts` is of them. All must outlive this.
  RowPicks(const record::RecordBatch& batch, const ShapeCounts& counts, const expr::Selection& rows,
           const std::vector<bool>& needed);

  struct Values {
    std::vector<uint32_t> index;  // in the column, ascending
    std::vector<uint32_t> pick;   // of each: the number of its row among the picked ones
  };
  const expr::Selection& rows() const { return rows_; }
  const Values& Of(size_t column) const { return values_[column]; }

  // Where each of them stands when the column's values are ordered by shape (picks.h).
  std::vector<uint32_t> ShapeOrder(size_t column);

 private:
  const record::RecordBatch& batch_;
  const ShapeCounts& counts_;
  const expr::Selection& rows_;
  std::vector<Values> values_;  // by column
  std::vector<uint32_t> rank_;  // by picked row: how many of its shape come before
  // Empty until asked for:
  std::vector<std::vector<uint32_t>> shapes_of_column_;  // ascending
};

}  // namespace taffrail::store
