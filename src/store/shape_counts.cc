#include "store/shape_counts.h"

#include <algorithm>

namespace taffrail::store {
namespace {

constexpr size_t kMinRowsPerSnapshot = 256;  // walking fewer costs no more than adding a snapshot up
// A snapshot has a count for each shape: so many rows for each keep all of them an eighth of the rows'
// shapes.
constexpr size_t kRowsPerShape = 8;

}  // namespace

void ShapeCounts::Count(std::span<const uint32_t> rows, size_t shapes) {
  shapes_ = shapes;
  step_ = std::max(kMinRowsPerSnapshot, shapes * kRowsPerShape);
  snapshots_ = (rows.size() + step_ - 1) / step_ + 1;
  counts_.assign(snapshots_ * shapes, 0);
  std::vector<uint32_t> counts(shapes);
  for (size_t i = 1; i < snapshots_; ++i) {
    for (const uint32_t shape :
         rows.subspan((i - 1) * step_, std::min(step_, rows.size() - (i - 1) * step_))) {
      ++counts[shape];
    }
    std::copy(counts.begin(), counts.end(), counts_.begin() + static_cast<ptrdiff_t>(i * shapes));
  }
}

size_t ShapeCounts::Before(size_t row, std::span<const uint32_t>& counts) const {
  const size_t i = std::min(row / step_, snapshots_ - 1);
  counts = Snapshot(i);
  return i * step_;
}

}  // namespace taffrail::store
