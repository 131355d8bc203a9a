// What the API tells of a record beside its line, whatever its writer called it: service and duration.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "expr/expr.h"
#include "record/batch.h"
#include "record/row_cursor.h"

namespace taffrail::server {

// The well-known service field of the line, else the stream label that means it; empty when there is neither.
class ServiceReader {
 public:
  // The batch must outlive the reader; the columns of Fields() must be loaded.
  explicit ServiceReader(const record::RecordBatch& batch);
  std::string Read(const record::RowCursor& cursor) const;

  static std::vector<expr::FieldRef> Fields();

 private:
  const record::RecordBatch& batch_;
  const std::vector<int> holes_;  // by shape
};

// The stream label that means the service; empty when there is none.
std::string ServiceOfLabels(const record::Labels& labels);

// A number under a key, at any depth, that means milliseconds: duration_ms, http.latency_ms …
class DurationReader {
 public:
  // The batch must outlive the reader; all its columns must be loaded.
  explicit DurationReader(const record::RecordBatch& batch);
  std::optional<double> ReadMs(const record::RowCursor& cursor) const;

 private:
  const record::RecordBatch& batch_;
  std::vector<int> columns_;  // by shape: index into columns, or -1
};

// The first of several keys that a record has, at any depth: the value under metadata.status_code is found by
// "status_code". Of keys of the same rank the first in the line.
class KeyReader {
 public:
  // The batch must outlive the reader; all its columns must be loaded. Keys: best first.
  KeyReader(const record::RecordBatch& batch, std::span<const std::string_view> keys);
  // Empty when the record has none.
  std::string Read(const record::RowCursor& cursor) const;

 private:
  const record::RecordBatch& batch_;
  std::vector<int> columns_;  // by shape: index into columns, or -1
};

}  // namespace taffrail::server
