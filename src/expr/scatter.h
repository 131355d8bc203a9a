// From values to rows: spreads what is known of shapes, streams and dense column values over the rows of a
// batch.
#pragma once

#include <bit>
#include <cstddef>
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

// The rows of a few shapes, found by comparing: eight rows at a time, where a table is asked row by row.
class RowsOfShapes {
 public:
  static constexpr size_t kMost = 4;  // with more the table is as fast

  using FullWord = uint64_t (*)(const uint32_t* shape, const std::vector<uint32_t>& wanted);

  // Whether shapes so many of which are wanted are few enough.
  static bool AreFew(const std::vector<uint8_t>& wanted);
  // REQUIRES: AreFew(wanted), which is by shape. The batch must outlive this.
  RowsOfShapes(const record::RecordBatch& batch, const std::vector<uint8_t>& wanted);

  // Calls f(row) for each of the rows, ascending.
  template <typename F>
  void ForEach(F&& f) const {
    for (size_t first = 0; first < batch_.rows(); first += 64) {
      for (uint64_t word = Word(first); word != 0; word &= word - 1) {
        f(first + static_cast<size_t>(std::countr_zero(word)));
      }
    }
  }

 private:
  uint64_t Word(size_t first) const;  // bit i: row first + i

  const record::RecordBatch& batch_;
  const FullWord full_word_;  // of 64 rows, as this processor does it best
  std::vector<uint32_t> shapes_;
};

// A row's bit is that of its shape.
void FillByShape(const record::RecordBatch& batch, const std::vector<bool>& by_shape, Bits& result);

// Which rows have a value in one dense column.
class ColumnShapes {
 public:
  ColumnShapes(const record::RecordBatch& batch, uint32_t column);

  // Whether rows of the shape have a value in the column.
  bool Has(uint32_t shape) const { return has_[shape] != 0; }
  const std::vector<uint8_t>& by_shape() const { return has_; }
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
