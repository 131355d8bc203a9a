#include "store/row_picks.h"

namespace taffrail::store {

RowPicks::RowPicks(const record::RecordBatch& batch, const ShapeCounts& counts, const expr::Selection& rows,
                   const std::vector<bool>& needed)
    : batch_(batch), counts_(counts), rows_(rows), values_(batch.columns.size()) {
  if (rows.empty()) return;
  // By shape: the needed columns it has values for.
  std::vector<std::vector<uint32_t>> holes(batch.shapes.size());
  for (size_t s = 0; s < holes.size(); ++s) {
    for (const record::Hole& hole : batch.shapes[s].holes) {
      if (needed[hole.column]) holes[s].push_back(hole.column);
    }
  }
  std::span<const uint32_t> known;
  size_t row = counts.Before(rows.front(), known);
  std::vector<uint32_t> before(known.begin(), known.end());  // by shape, of the rows before `row`
  std::vector<uint32_t> position(batch.columns.size());      // by column, of the rows before, less pending
  std::vector<uint32_t> pending = before;                    // by shape: not yet in `position`
  std::vector<uint32_t> dirty;                               // shapes with pending
  for (uint32_t s = 0; s < pending.size(); ++s) {
    if (pending[s] > 0) dirty.push_back(s);
  }
  rank_.reserve(rows.size());
  for (uint32_t pick = 0; pick < rows.size(); ++pick) {
    for (; row < rows[pick]; ++row) {
      const uint32_t shape = batch.shape[row];
      ++before[shape];
      if (pending[shape]++ == 0) dirty.push_back(shape);
    }
    for (const uint32_t s : dirty) {
      for (const uint32_t column : holes[s]) position[column] += pending[s];
      pending[s] = 0;
    }
    dirty.clear();
    const uint32_t shape = batch.shape[row];
    rank_.push_back(before[shape]);
    for (const uint32_t column : holes[shape]) {
      values_[column].index.push_back(position[column]);
      values_[column].pick.push_back(pick);
    }
  }
}

std::vector<uint32_t> RowPicks::ShapeOrder(size_t column) {
  if (shapes_of_column_.empty()) {
    shapes_of_column_.resize(batch_.columns.size());
    for (uint32_t s = 0; s < batch_.shapes.size(); ++s) {
      for (const record::Hole& hole : batch_.shapes[s].holes) shapes_of_column_[hole.column].push_back(s);
    }
  }
  const Values& values = values_[column];
  const std::span<const uint32_t> total = counts_.total();
  std::vector<uint32_t> places;
  places.reserve(values.pick.size());
  for (const uint32_t pick : values.pick) {
    const uint32_t shape = batch_.shape[rows_[pick]];
    uint32_t place = rank_[pick];
    for (const uint32_t s : shapes_of_column_[column]) {
      if (s >= shape) break;
      place += total[s];
    }
    places.push_back(place);
  }
  return places;
}

}  // namespace taffrail::store
