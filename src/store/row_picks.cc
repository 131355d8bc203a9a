#include "store/row_picks.h"

#include "record/row_cursor.h"

namespace taffrail::store {

RowPicks::RowPicks(const record::RecordBatch& batch, const expr::Selection& rows)
    : batch_(batch), rows_(rows), values_(batch.columns.size()) {
  record::RowCursor cursor(batch);
  for (uint32_t pick = 0; pick < rows.size(); ++pick) {
    cursor.MoveTo(rows[pick]);
    for (const record::Hole& hole : cursor.shape().holes) {
      Values& values = values_[hole.column];
      values.index.push_back(cursor.ValueIndex(hole.column));
      values.pick.push_back(pick);
    }
  }
}

void RowPicks::CountShapes() {
  if (!shape_rows_.empty()) return;
  shape_rows_.resize(batch_.shapes.size());
  rank_.reserve(rows_.size());
  uint32_t row = 0;
  for (const uint32_t picked : rows_) {
    for (; row < picked; ++row) ++shape_rows_[batch_.shape[row]];
    rank_.push_back(shape_rows_[batch_.shape[row]]);
  }
  for (; row < batch_.rows(); ++row) ++shape_rows_[batch_.shape[row]];
  shapes_of_column_.resize(batch_.columns.size());
  for (uint32_t s = 0; s < batch_.shapes.size(); ++s) {
    for (const record::Hole& hole : batch_.shapes[s].holes) shapes_of_column_[hole.column].push_back(s);
  }
}

std::vector<uint32_t> RowPicks::ShapeOrder(size_t column) {
  CountShapes();
  const Values& values = values_[column];
  std::vector<uint32_t> places;
  places.reserve(values.pick.size());
  for (const uint32_t pick : values.pick) {
    const uint32_t shape = batch_.shape[rows_[pick]];
    uint32_t place = rank_[pick];
    for (const uint32_t s : shapes_of_column_[column]) {
      if (s >= shape) break;
      place += shape_rows_[s];
    }
    places.push_back(place);
  }
  return places;
}

}  // namespace taffrail::store
