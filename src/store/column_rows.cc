#include "store/column_rows.h"

#include <algorithm>

namespace taffrail::store {

const ColumnRows::Index& ColumnRows::Find() {
  if (!index_.begin.empty()) return index_;
  index_.begin.assign(batch_.shapes.size() + 1, 0);
  for (const uint32_t shape : batch_.shape) ++index_.begin[shape + 1];
  for (size_t s = 1; s < index_.begin.size(); ++s) index_.begin[s] += index_.begin[s - 1];
  std::vector<uint32_t> next(index_.begin.begin(), index_.begin.end() - 1);
  index_.rows.resize(batch_.rows());
  for (uint32_t row = 0; row < batch_.rows(); ++row) index_.rows[next[batch_.shape[row]]++] = row;
  index_.shapes_of_column.resize(batch_.columns.size());
  for (uint32_t s = 0; s < batch_.shapes.size(); ++s) {
    if (index_.begin[s] == index_.begin[s + 1]) continue;
    for (const record::Hole& hole : batch_.shapes[s].holes) {
      index_.shapes_of_column[hole.column].push_back(s);
    }
  }
  return index_;
}

bool ColumnRows::SelectRows(size_t column) {
  const Index& index = Find();
  const std::vector<uint32_t>& shapes = index.shapes_of_column[column];
  size_t count = 0;
  for (const uint32_t s : shapes) count += index.begin[s + 1] - index.begin[s];
  if (count == batch_.rows()) return false;
  if (selected_ == column) return true;
  selected_ = column;
  rows_.resize(count);
  constexpr size_t kSparse = 16;  // then sorting the few is cheaper than walking all
  if (count < batch_.rows() / kSparse) {
    rows_.clear();
    for (const uint32_t s : shapes) {
      rows_.insert(rows_.end(), index.rows.begin() + index.begin[s], index.rows.begin() + index.begin[s + 1]);
    }
    std::sort(rows_.begin(), rows_.end());
    return true;
  }
  std::vector<uint8_t> has(batch_.shapes.size());
  for (const uint32_t s : shapes) has[s] = 1;
  size_t next = 0;
  for (uint32_t row = 0; row < batch_.rows() && next < count; ++row) {
    rows_[next] = row;
    next += has[batch_.shape[row]];  // of a row that has nothing the place is taken by the next
  }
  return true;
}

std::span<const int64_t> ColumnRows::Times(size_t column) {
  if (!SelectRows(column)) return batch_.timestamp_ns;
  times_.clear();
  for (const uint32_t row : rows_) times_.push_back(batch_.timestamp_ns[row]);
  return times_;
}

std::span<const uint32_t> ColumnRows::Shapes(size_t column) {
  if (!SelectRows(column)) return batch_.shape;
  shapes_.clear();
  for (const uint32_t row : rows_) shapes_.push_back(batch_.shape[row]);
  return shapes_;
}

}  // namespace taffrail::store
