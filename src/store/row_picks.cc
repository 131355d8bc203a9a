#include "store/row_picks.h"

#include <algorithm>
#include <span>

namespace taffrail::store {
namespace {

// How many rows of each shape there are in a stretch.
class ShapeCounter {
 public:
  explicit ShapeCounter(size_t shapes) : even_(shapes), odd_(shapes) {}

  // Calls f(shape, rows) for shapes that occur, for one perhaps several times.
  template <typename F>
  void Count(std::span<const uint32_t> stretch, F&& f) {
    if (stretch.size() < even_.size()) {
      for (const uint32_t shape : stretch) f(shape, 1);
      return;
    }
    // Two counts, since rows of one shape often follow each other, and each would wait for the one before.
    for (size_t i = 0; i + 1 < stretch.size(); i += 2) {
      ++even_[stretch[i]];
      ++odd_[stretch[i + 1]];
    }
    if (stretch.size() % 2 != 0) ++even_[stretch.back()];
    for (uint32_t shape = 0; shape < even_.size(); ++shape) {
      const uint32_t of_it = even_[shape] + odd_[shape];
      if (of_it == 0) continue;
      f(shape, of_it);
      even_[shape] = odd_[shape] = 0;
    }
  }

 private:
  std::vector<uint32_t> even_;  // all zero between the calls
  std::vector<uint32_t> odd_;
};

}  // namespace

RowPicks::RowPicks(const record::RecordBatch& batch, const ShapeCounts& counts, const expr::Selection& rows,
                   const std::vector<bool>& needed)
    : batch_(batch), counts_(counts), rows_(rows), values_(batch.columns.size()) {
  if (rows.empty() || std::ranges::find(needed, true) == needed.end()) return;
  // By shape: the needed columns it has values for.
  std::vector<std::vector<uint32_t>> holes(batch.shapes.size());
  for (size_t s = 0; s < holes.size(); ++s) {
    for (const record::Hole& hole : batch.shapes[s].holes) {
      if (needed[hole.column]) holes[s].push_back(hole.column);
    }
  }
  size_t row = 0;
  std::vector<uint32_t> before;    // by shape, of the rows before `row`
  std::vector<uint32_t> position;  // by column, of the same rows
  const auto add = [&](uint32_t shape, uint32_t of_it) {
    for (const uint32_t column : holes[shape]) position[column] += of_it;
  };
  const auto jump = [&](size_t to) {
    std::span<const uint32_t> known;
    row = counts.Before(to, known);
    before.assign(known.begin(), known.end());
    position.assign(batch.columns.size(), 0);
    for (uint32_t shape = 0; shape < before.size(); ++shape) add(shape, before[shape]);
  };
  ShapeCounter counter(batch.shapes.size());
  rank_.reserve(rows.size());
  for (uint32_t pick = 0; pick < rows.size(); ++pick) {
    if (pick == 0 || rows[pick] - row > 2 * counts.step()) jump(rows[pick]);  // else walking costs as much
    const auto between = std::span(batch.shape).subspan(row, rows[pick] - row);
    counter.Count(between, [&](uint32_t shape, uint32_t of_it) {
      before[shape] += of_it;
      add(shape, of_it);
    });
    row = rows[pick];
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
