#include "wire/ndjson/encoder.h"

#include "record/row_cursor.h"

namespace taffrail::wire::ndjson {
namespace {

void EncodeRow(record::RowCursor& cursor, size_t row, std::string& out) {
  cursor.MoveTo(row);
  cursor.AppendLine(out);
  out.push_back('\n');
}

}  // namespace

void EncodeLines(const record::RecordBatch& batch, std::string& out) {
  record::RowCursor cursor(batch);
  for (size_t row = 0; row < batch.rows(); ++row) EncodeRow(cursor, row, out);
}

void EncodeLines(const record::RecordBatch& batch, std::span<const uint32_t> rows, std::string& out) {
  record::RowCursor cursor(batch);
  for (const uint32_t row : rows) EncodeRow(cursor, row, out);
}

}  // namespace taffrail::wire::ndjson
