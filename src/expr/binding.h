// Where a FieldRef finds its value in each row of one batch: resolved once for each shape and each stream, so
// that a row costs two table lookups.
//
//   shape 0 → column 3      shape 1 → constant null      shape 2 → none      stream 0 → "api"      stream 1 →
//   none
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "expr/expr.h"
#include "record/batch.h"

namespace taffrail::expr {

// LogQL's name of a path: every character outside [A-Za-z0-9_] is '_', and a digit at the front gets one
// before it.
std::string LogqlName(std::string_view path);

inline constexpr std::string_view kExtractedSuffix = "_extracted";
inline constexpr std::string_view kErrorLabel = "__error__";
inline constexpr std::string_view kJsonParserError = "JSONParserErr";

struct Place {
  enum class Type : uint8_t { kNone, kColumn, kConstant, kLabel };
  Type type = Type::kNone;
  uint32_t column = 0;    // kColumn: index into the batch's columns
  std::string_view text;  // kConstant: the JSON as written; kLabel: the value
};

class Binding {
 public:
  // The batch must outlive the binding. REQUIRES: the field's source is kField, kLabel, kLogql, kLevel or
  // kMessage.
  Binding(const record::RecordBatch& batch, const FieldRef& field);

  const Place& At(uint32_t shape, uint32_t stream) const {
    const Place& label = by_stream_[stream];
    if (labels_first_ && label.type != Place::Type::kNone) return label;
    const Place& own = by_shape_[shape];
    if (own.type != Place::Type::kNone) return own;
    if (!extracted_.empty() && stream_collides_[stream]) return extracted_[shape];
    return label;
  }

  // Whether At depends on the shape alone.
  bool shape_only() const { return shape_only_; }
  const std::vector<Place>& by_shape() const { return by_shape_; }
  const std::vector<Place>& by_stream() const { return by_stream_; }
  const std::vector<Place>& extracted() const { return extracted_; }

  // Whether the constructor and readers of such a binding look at this column.
  static bool NeedsColumn(const FieldRef& field, const record::ColumnKey& key);

 private:
  void BindField(const record::RecordBatch& batch, const FieldRef& field);
  void BindLogql(const record::RecordBatch& batch, const std::string& name);
  void BindRole(const record::RecordBatch& batch, FieldRef::Source source);
  void BindLabel(const record::RecordBatch& batch, std::string_view name);

  std::vector<Place> by_shape_;
  std::vector<Place> by_stream_;
  std::vector<Place> extracted_;  // by shape: kLogql's NAME_extracted, where the stream has NAME
  std::vector<bool> stream_collides_;
  bool labels_first_ = false;
  bool shape_only_ = true;
};

}  // namespace taffrail::expr
