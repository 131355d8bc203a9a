// The values of one field in selected rows of a batch, found for all the rows at once: what aggregates and
// sorts read. A FieldReader (field_reader.h) gives the same values row by row.
//
//   rows     3        4        9        where the rows have it      sources: column 2 | the constant null
//   source   0        0        1
//   index    1        2        –        in the column
//
// In nearly every batch one field is one column that all rows have, and then nothing is looked up at all.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "expr/field_reader.h"
#include "expr/matcher.h"
#include "expr/number.h"
#include "expr/value.h"
#include "record/batch.h"

namespace taffrail::expr {

class FieldValues {
 public:
  // Fields that are not one value somewhere in the record (the line, any value, the time) have to be read by
  // a FieldReader.
  static bool Suits(const FieldRef& field);

  // The batch and the rows must outlive this; the columns that FieldReader::NeedsColumn names must be loaded.
  FieldValues(const record::RecordBatch& batch, const FieldRef& field, const Selection& rows);

  struct Source {
    const record::Column* column = nullptr;  // null: every row has the same value
    Value constant;
  };

  size_t size() const { return size_; }
  const std::vector<Source>& sources() const { return sources_; }
  bool one_source() const { return source_.empty(); }
  uint32_t source(size_t i) const { return source_.empty() ? 0 : source_[i]; }
  uint32_t index(size_t i) const { return index_ == nullptr ? 0 : index_[i]; }  // of a column's value
  bool is_level() const { return is_level_; }

  Value Read(size_t i) const { return Read(sources_[source(i)], index(i)); }
  Value Read(const Source& source, uint32_t index) const;

  // Calls f(i, number) for each value that is a number or a text that reads as one, and other(i) for the
  // rest.
  template <typename F, typename G>
  void ForEachNumber(F&& f, G&& other) const;
  // The same with what an exact sum needs: f(i, mantissa, scale) for integers and decimals, g(i, number) for
  // numbers in another notation, other(i) for the rest.
  template <typename F, typename G, typename H>
  void ForEachDecimal(F&& f, G&& g, H&& other) const;

 private:
  void Locate(const record::RecordBatch& batch, const FieldRef& field, const Selection& rows);

  void LocateInOne(const record::RecordBatch& batch, uint32_t column, const std::vector<int32_t>& steps,
                   const std::vector<uint32_t>& by_shape, const Selection& rows);

  size_t size_;
  bool is_level_;
  std::vector<Source> sources_;
  std::vector<uint32_t> source_;        // by row; empty when there is one
  std::vector<uint32_t> index_memory_;  // by row
  const uint32_t* index_ = nullptr;     // index_memory_, or the row numbers themselves
};

template <typename F, typename G, typename H>
void FieldValues::ForEachDecimal(F&& f, G&& g, H&& other) const {
  const auto slow = [&](size_t i) {
    const Value value = Read(i);
    double number = 0;
    if (const auto* integer = std::get_if<int64_t>(&value)) return f(i, *integer, 0);
    if (ToNumber(value, number)) return g(i, number);
    other(i);
  };
  for (size_t i = 0; i < size_; ++i) {
    const Source& from = sources_[source(i)];
    if (from.column == nullptr) {
      slow(i);
    } else if (from.column->key.kind == record::Kind::kInteger) {
      f(i, from.column->integers[index(i)], 0);
    } else if (from.column->key.kind == record::Kind::kDecimal) {
      f(i, from.column->integers[index(i)], from.column->scales[index(i)]);
    } else {
      slow(i);
    }
  }
}

template <typename F, typename G>
void FieldValues::ForEachNumber(F&& f, G&& other) const {
  ForEachDecimal(
      [&f](size_t i, int64_t mantissa, int scale) {
        f(i, scale == 0 ? static_cast<double>(mantissa) : DecimalToDouble(mantissa, scale));
      },
      f, other);
}

}  // namespace taffrail::expr
