#include "expr/scatter.h"

#include <algorithm>

namespace taffrail::expr {

ColumnSteps::ColumnSteps(const record::RecordBatch& batch, const std::vector<uint32_t>& columns) {
  constexpr uint32_t kNotChosen = ~uint32_t{0};
  std::vector<uint32_t> step_of(batch.columns.size(), kNotChosen);
  for (uint32_t i = 0; i < columns.size(); ++i) step_of[columns[i]] = i;
  begin_.reserve(batch.shapes.size() + 1);
  for (const record::Shape& shape : batch.shapes) {
    begin_.push_back(static_cast<uint32_t>(steps_.size()));
    for (const record::Hole& hole : shape.holes) {
      if (step_of[hole.column] != kNotChosen) steps_.push_back(step_of[hole.column]);
    }
  }
  begin_.push_back(static_cast<uint32_t>(steps_.size()));
}

void FillByShape(const record::RecordBatch& batch, const std::vector<bool>& by_shape, Bits& result) {
  const auto passing = static_cast<size_t>(std::count(by_shape.begin(), by_shape.end(), true));
  if (passing == 0 || passing == by_shape.size()) return result.Reset(batch.rows(), passing > 0);
  const std::vector<uint8_t> bytes(by_shape.begin(), by_shape.end());
  result.Fill(batch.rows(), [&](size_t row) { return uint64_t{bytes[batch.shape[row]]}; });
}

ColumnShapes::ColumnShapes(const record::RecordBatch& batch, uint32_t column)
    : batch_(batch), has_(batch.shapes.size(), 0) {
  for (size_t i = 0; i < has_.size(); ++i) {
    for (const record::Hole& hole : batch.shapes[i].holes) has_[i] |= hole.column == column ? 1 : 0;
  }
}

std::vector<uint32_t> ColumnShapes::CountBeforeEach() const {
  std::vector<uint32_t> before(batch_.rows());
  uint32_t count = 0;
  for (size_t row = 0; row < before.size(); ++row) {
    before[row] = count;
    count += has_[batch_.shape[row]];
  }
  return before;
}

}  // namespace taffrail::expr
