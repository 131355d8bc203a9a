#include "store/column_rows.h"

#include <algorithm>

namespace taffrail::store {

bool ColumnRows::FindShapes(size_t column) {
  has_.assign(batch_.shapes.size(), 0);
  for (size_t s = 0; s < has_.size(); ++s) {
    const std::vector<record::Hole>& holes = batch_.shapes[s].holes;
    has_[s] = std::any_of(holes.begin(), holes.end(),
                          [column](const record::Hole& hole) { return hole.column == column; });
  }
  return std::find(has_.begin(), has_.end(), 0) == has_.end();
}

std::span<const int64_t> ColumnRows::Times(size_t column) {
  if (FindShapes(column)) return batch_.timestamp_ns;
  times_.clear();
  for (size_t row = 0; row < batch_.rows(); ++row) {
    if (has_[batch_.shape[row]] != 0) times_.push_back(batch_.timestamp_ns[row]);
  }
  return times_;
}

std::span<const uint32_t> ColumnRows::Shapes(size_t column) {
  if (FindShapes(column)) return batch_.shape;
  shapes_.clear();
  for (const uint32_t shape : batch_.shape) {
    if (has_[shape] != 0) shapes_.push_back(shape);
  }
  return shapes_;
}

}  // namespace taffrail::store
