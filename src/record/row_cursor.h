// Finds a row's values in the dense columns of a batch, moving forward through its rows.
//
// Skipping rows costs one increment a row; standing on a row costs one addition for each hole of the shapes
// passed since the last stop. Reading all rows in order is therefore as cheap as walking their values, and
// reading a few of 64 Ki rows takes well under a millisecond.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "record/batch.h"

namespace taffrail::record {

class RowCursor {
 public:
  // The batch must outlive the cursor.
  explicit RowCursor(const RecordBatch& batch);

  // REQUIRES: row >= the row of the last call, row < batch.rows().
  void MoveTo(size_t row);
  size_t row() const { return row_; }

  const Shape& shape() const { return batch_.shapes[batch_.shape[row_]]; }
  // Index into columns[column] of this row's value. REQUIRES: this row's shape has a hole for that column.
  uint32_t ValueIndex(uint32_t column) const { return position_[column]; }

  // Appends the stored line, byte for byte, without a newline. REQUIRES: the columns of the row's line are
  // loaded.
  void AppendLine(std::string& out) const;
  // Appends the attributes as a JSON object; nothing when there are none.
  void AppendAttributes(std::string& out) const;

 private:
  void AppendHoles(size_t first, size_t last, size_t begin, size_t end, std::string& out) const;

  const RecordBatch& batch_;
  size_t row_ = 0;
  size_t next_ = 0;                 // rows [0, next_) are counted in pending_ or position_
  std::vector<uint32_t> position_;  // by column
  std::vector<uint32_t> pending_;   // by shape: rows passed but not yet added to position_
  std::vector<uint32_t> dirty_;     // shapes with pending_ > 0
};

// Appends the JSON text of value `index` of a column: exactly the bytes that stood in the line.
void AppendJsonValue(const Column& column, size_t index, std::string& out);

// Appends it as plain text: strings unescaped, numbers and JSON as written, true or false.
void AppendTextValue(const Column& column, size_t index, std::string& out);

}  // namespace taffrail::record
