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

}  // namespace taffrail::expr
