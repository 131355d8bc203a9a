// How many rows of each shape come before a row of a block. Columns are dense: where a row's value stands is
// how many rows before it have one, and without these counts finding that out means walking from the first
// row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace taffrail::store {

class ShapeCounts {
 public:
  // `rows` are the shapes of all rows, each below `shapes`.
  void Count(std::span<const uint32_t> rows, size_t shapes);

  // Of all rows, by shape.
  std::span<const uint32_t> total() const { return Snapshot(snapshots_ - 1); }
  // Of the rows before `row`, or before the last one at or before it that is counted, which is returned.
  size_t Before(size_t row, std::span<const uint32_t>& counts) const;
  // The most rows from there to the row.
  size_t step() const { return step_; }

  size_t MemoryBytes() const { return counts_.capacity() * sizeof(uint32_t); }

 private:
  std::span<const uint32_t> Snapshot(size_t i) const {
    return std::span(counts_).subspan(i * shapes_, shapes_);
  }

  size_t shapes_ = 0;
  size_t step_ = 1;               // rows from snapshot to snapshot
  size_t snapshots_ = 1;          // the last one is of all rows
  std::vector<uint32_t> counts_;  // by snapshot, by shape
};

}  // namespace taffrail::store
