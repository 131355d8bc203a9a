// The lines of a batch, as a test compares them.
#pragma once

#include <string>
#include <vector>

#include "record/row_cursor.h"

namespace taffrail::record {

inline std::vector<std::string> LinesOf(const RecordBatch& batch) {
  std::vector<std::string> lines;
  RowCursor cursor(batch);
  for (size_t row = 0; row < batch.rows(); ++row) {
    cursor.MoveTo(row);
    cursor.AppendLine(lines.emplace_back());
  }
  return lines;
}

}  // namespace taffrail::record
