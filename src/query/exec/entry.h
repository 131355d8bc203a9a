// An entry: a line on its way through the stages that look inside it (plan/stages.h), with the fields it has
// so far.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "expr/expr.h"
#include "expr/value.h"
#include "record/batch.h"

namespace taffrail::query::exec {

inline constexpr std::string_view kErrorField = "__error__";
inline constexpr std::string_view kErrorDetailsField = "__error_details__";

struct EntryField {
  enum class Origin : uint8_t { kStream, kAttribute, kParsed };
  std::string name;
  expr::Value value;
  Origin origin = Origin::kParsed;
  bool is_changed = false;  // a label or an attribute that a stage has given another value
};

struct Entry {
  int64_t timestamp_ns = 0;
  uint64_t sequence = 0;
  const record::Labels* stream = nullptr;  // valid while the entry is pushed, and for sorted ones to the end
  std::string line;
  std::vector<EntryField> fields;
  std::string error;  // __error__; empty: none
  std::string error_details;
  double sample = 1;                // set by Unwrap
  std::vector<expr::Value> record;  // the record's own fields that stages read, by EntrySchema's numbers

  const EntryField* Find(std::string_view name) const;
  bool Has(std::string_view name) const { return Find(name) != nullptr; }
  // Whether the name is one of the stream's labels, even when stages have taken or changed that, or one of
  // the record's attributes.
  bool HasBase(std::string_view name) const;
  // Replaces the value of the field so named, or adds it.
  void Set(std::string_view name, expr::Value value, EntryField::Origin origin);
  void Remove(std::string_view name);
  void SetError(std::string_view name, std::string_view details);  // in place of one before, as in Loki

  size_t HeapBytes() const;
};

// Labels of an entry: its fields as texts, sorted by name, empty ones left out, with __error__ when it has
// one.
using LabelSet = std::vector<std::pair<std::string, std::string>>;
LabelSet LabelsOf(const Entry& entry);

// Which fields of the record itself the stages read: resolved once, read when the entry is made.
class EntrySchema {
 public:
  // The number of a field in Entry::record; fields that are read off the entry alone have none.
  static constexpr size_t kNone = SIZE_MAX;
  size_t Add(const expr::FieldRef& field);
  const std::vector<expr::FieldRef>& fields() const { return fields_; }

 private:
  std::vector<expr::FieldRef> fields_;
};

// Reads one FieldRef of entries. A timestamp is an integer: Unix nanoseconds.
class EntryReader {
 public:
  EntryReader(expr::FieldRef field, EntrySchema& schema)
      : field_(std::move(field)), number_(schema.Add(field_)) {}

  expr::Value Read(const Entry& entry) const;
  const expr::FieldRef& field() const { return field_; }

 private:
  expr::FieldRef field_;
  size_t number_;
};

}  // namespace taffrail::query::exec
