#include "store/chosen_values.h"

#include "record/row_cursor.h"

namespace taffrail::store {

ChosenValues::ChosenValues(const record::RecordBatch& batch, const expr::Bits& rows)
    : chosen_(batch.columns.size()) {
  record::RowCursor cursor(batch);
  rows.ForEach([&](size_t row) {
    cursor.MoveTo(row);
    for (const record::Hole& hole : cursor.shape().holes) {
      std::vector<uint8_t>& values = chosen_[hole.column];
      const uint32_t index = cursor.ValueIndex(hole.column);
      if (index >= values.size()) values.resize(index + 1, 0);
      values[index] = 1;
    }
  });
}

}  // namespace taffrail::store
