#include "query/exec/cells.h"

#include "base/time_text.h"

namespace taffrail::query::exec {

RecordCells::RecordCells(const record::RecordBatch& batch, const std::vector<expr::FieldRef>& fields)
    : batch_(batch), cursor_(batch) {
  for (const expr::FieldRef& field : fields) {
    readers_.emplace_back(batch, field);
    is_time_.push_back(field.source == expr::FieldRef::Source::kTimestamp);
  }
}

expr::Value RecordCells::Read(size_t cell) const {
  if (is_time_[cell]) return base::FormatRfc3339(timestamp_ns());
  return readers_[cell].Read(cursor_);
}

bool RecordCells::ReadNumber(size_t cell, expr::Numeric& number) const {
  return !is_time_[cell] && readers_[cell].ReadNumber(cursor_, number);
}

void RecordCells::AppendKey(size_t cell, std::string& key) const {
  if (is_time_[cell]) return expr::AppendKey(Read(cell), key);
  readers_[cell].AppendKey(cursor_, key);
}

bool RowCells::ReadNumber(size_t cell, expr::Numeric& number) const {
  const expr::Value& value = (*row_)[columns_[cell]];
  const auto* integer = std::get_if<int64_t>(&value);
  number.is_integer = integer != nullptr;
  number.integer = integer != nullptr ? *integer : 0;
  return expr::ToNumber(value, number.value);
}

}  // namespace taffrail::query::exec
