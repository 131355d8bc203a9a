// Reads one field of row after row of a batch as a value: for projections, sort keys, groups and aggregates.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "expr/expr.h"
#include "expr/value.h"
#include "record/batch.h"
#include "record/row_cursor.h"

namespace taffrail::expr {

// A number as aggregates want it: exact while it is an integer.
struct Numeric {
  double value = 0;
  int64_t integer = 0;  // when is_integer
  bool is_integer = false;
};

// Value `index` of a column.
Value ReadColumnValue(const record::Column& column, size_t index);
// The name of the level that a text says, or the text.
std::string NormalLevel(std::string_view text);

class FieldReader {
 public:
  // The batch must outlive the reader; the columns that HasColumn names must be loaded.
  FieldReader(const record::RecordBatch& batch, FieldRef field);
  ~FieldReader();
  FieldReader(FieldReader&&) noexcept;

  // REQUIRES: the cursor is of the same batch.
  Value Read(const record::RowCursor& cursor) const;

  // The same without making a Value, for the loops that see every row: ReadNumber is ToNumber(Read(cursor));
  // AppendKey appends bytes that are equal for values of the same kind and text and differ for all others
  // (null is missing), and of which none is a prefix of another.
  bool ReadNumber(const record::RowCursor& cursor, Numeric& number) const;
  void AppendKey(const record::RowCursor& cursor, std::string& key) const;

  // Whether reading `field` looks at this column.
  static bool NeedsColumn(const FieldRef& field, const record::ColumnKey& key);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace taffrail::expr
