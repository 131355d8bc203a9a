// Reads one field of row after row of a batch as a value: for projections, sort keys, groups and aggregates.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "expr/expr.h"
#include "record/batch.h"
#include "record/row_cursor.h"

namespace taffrail::expr {

struct Null {
  friend bool operator==(Null, Null) = default;
};
struct Json {  // an array or object, as written
  std::string text;
  friend bool operator==(const Json&, const Json&) = default;
};
struct Missing {
  friend bool operator==(Missing, Missing) = default;
};
// A number keeps its written form beside its value where that is not the shortest, e.g. "15.90".
struct Number {
  double value = 0;
  std::string text;
  friend bool operator==(const Number& a, const Number& b) { return a.text == b.text; }
};
using Value = std::variant<Missing, Null, bool, int64_t, Number, std::string, Json>;

// The value as plain text; Missing and Null give "".
std::string ToText(const Value& value);
// As JSON; Missing gives null.
void AppendJson(const Value& value, std::string& out);
// A number, or a text that is one as a whole.
bool ToNumber(const Value& value, double& number);

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
