#include "ingest/message_field.h"

#include <variant>
#include <vector>

#include "expr/field_reader.h"
#include "record/batch_builder.h"
#include "record/json_writer.h"
#include "record/row_cursor.h"
#include "record/well_known.h"

namespace taffrail::ingest {

namespace {

// Whether a row of this shape may get its message from a field.
bool LacksMessage(const record::Shape& shape, int own_message) {
  const bool has_attributes = shape.line_size != shape.skeleton.size();
  return !has_attributes && own_message < 0 && !shape.is_text;
}

}  // namespace

record::RecordBatch WithMessageFrom(record::RecordBatch batch, const std::string& message_field) {
  const std::vector<int> own_message = record::HolesOf(batch, record::Role::kMessage);
  bool any_lacks = false;
  for (size_t s = 0; s < batch.shapes.size(); ++s)
    any_lacks = any_lacks || LacksMessage(batch.shapes[s], own_message[s]);
  if (!any_lacks) return batch;
  const expr::FieldReader reader(batch, {.source = expr::FieldRef::Source::kField, .name = message_field});
  record::RowCursor cursor(batch);
  record::BatchBuilder builder;
  std::string line;
  std::string attributes;
  for (size_t row = 0; row < batch.rows(); ++row) {
    cursor.MoveTo(row);
    line.clear();
    attributes.clear();
    cursor.AppendLine(line);
    cursor.AppendAttributes(attributes);
    if (LacksMessage(cursor.shape(), own_message[batch.shape[row]])) {
      const expr::Value value = reader.Read(cursor);
      if (!std::holds_alternative<expr::Missing>(value)) {
        attributes = "{\"message\":";
        record::AppendJsonString(expr::ToText(value), attributes);
        attributes.push_back('}');
      }
    }
    builder.SetStream(batch.streams[batch.stream_of(row)].labels);
    builder.Append(line, batch.timestamp_ns[row], attributes);
  }
  return builder.Finish();
}

}  // namespace taffrail::ingest
