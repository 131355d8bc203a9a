// Reads one field of row after row of a batch as a value: for projections, sort keys, groups and aggregates.
#pragma once

#include <memory>

#include "expr/expr.h"
#include "expr/value.h"
#include "record/batch.h"
#include "record/row_cursor.h"

namespace taffrail::expr {

class FieldReader {
 public:
  // The batch must outlive the reader; the columns that HasColumn names must be loaded.
  FieldReader(const record::RecordBatch& batch, FieldRef field);
  ~FieldReader();
  FieldReader(FieldReader&&) noexcept;

  // REQUIRES: the cursor is of the same batch.
  Value Read(const record::RowCursor& cursor) const;

  // Whether reading `field` looks at this column.
  static bool NeedsColumn(const FieldRef& field, const record::ColumnKey& key);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace taffrail::expr
