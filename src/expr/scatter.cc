#include "expr/scatter.h"

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

}  // namespace taffrail::expr
