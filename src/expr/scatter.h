// From values to rows: spreads what is known of shapes, streams and dense column values over the rows of a
// batch.
#pragma once

#include <cstdint>
#include <vector>

#include "expr/bits.h"
#include "record/batch.h"

namespace taffrail::expr {

// For each shape which of a few chosen columns it has: what must be counted to find a row's place in a dense
// column.
class ColumnSteps {
 public:
  // `columns`: indexes into batch.columns; a step is a position in that list.
  ColumnSteps(const record::RecordBatch& batch, const std::vector<uint32_t>& columns);

  const uint32_t* begin(uint32_t shape) const { return steps_.data() + begin_[shape]; }
  const uint32_t* end(uint32_t shape) const { return steps_.data() + begin_[shape + 1]; }

 private:
  std::vector<uint32_t> begin_;  // by shape, and one more
  std::vector<uint32_t> steps_;
};

// A row's bit is that of its shape.
void FillByShape(const record::RecordBatch& batch, const std::vector<bool>& by_shape, Bits& result);

// Which rows have a value in one dense column.
class ColumnShapes {
 public:
  ColumnShapes(const record::RecordBatch& batch, uint32_t column);

  // Whether rows of the shape have a value in the column.
  bool Has(uint32_t shape) const { return has_[shape] != 0; }
  // Values in rows [first, last).
  uint32_t Count(size_t first, size_t last) const {
    uint32_t count = 0;
    for (size_t row = first; row < last; ++row) count += has_[batch_.shape[row]];
    return count;
  }
  // For each row the values in the rows before it.
  std::vector<uint32_t> CountBeforeEach() const;

 private:
  const record::RecordBatch& batch_;
  std::vector<uint8_t> has_;  // by shape
};

}  // namespace taffrail::expr
