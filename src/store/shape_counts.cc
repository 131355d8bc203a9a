#include "store/shape_counts.h"

#include <algorithm>

namespace taffrail::store {
namespace {

constexpr size_t kRowsPerSnapshot = 2048;
// With more shapes than these counts would be larger than what they are of: then only the ends are kept.
constexpr size_t kMaxShapes = 256;

}  // namespace

void ShapeCounts::Count(std::span<const uint32_t> rows, size_t shapes) {
  shapes_ = shapes;
  const size_t step = shapes <= kMaxShapes ? kRowsPerSnapshot : std::max<size_t>(rows.size(), 1);
  snapshots_ = (rows.size() + step - 1) / step + 1;
  counts_.assign(snapshots_ * shapes, 0);
  std::vector<uint32_t> counts(shapes);
  for (size_t i = 1; i < snapshots_; ++i) {
    for (const uint32_t shape : rows.subspan((i - 1) * step, std::min(step, rows.size() - (i - 1) * step))) {
      ++counts[shape];
    }
    std::copy(counts.begin(), counts.end(), counts_.begin() + static_cast<ptrdiff_t>(i * shapes));
  }
}

size_t ShapeCounts::Before(size_t row, std::span<const uint32_t>& counts) const {
  const size_t i = std::min(shapes_ <= kMaxShapes ? row / kRowsPerSnapshot : 0, snapshots_ - 1);
  counts = Snapshot(i);
  return i * kRowsPerSnapshot;
}

}  // namespace taffrail::store
