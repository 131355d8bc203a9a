// Turns lines into a RecordBatch: the reader of JSON lines.
//
// A line whose shape was seen before is matched against the shapes' common tree (line_matcher.h) and its values go
// straight to their columns; a new shape is parsed once, strictly (RFC 8259), and joins the tree. A line that is not a
// JSON object in valid UTF-8 becomes one kText value: nothing is refused, and Finish() returns what was appended, byte
// for byte.
//
// Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "record/batch.h"

namespace taffrail::record {

// Columns of a batch; a field beyond stays in its shape as a constant. Bounds the per-column cost (file directory,
// cursors) that a hostile sender with ever new keys could cause.
inline constexpr size_t kMaxBatchColumns = 4096;
// Bytes of distinct shapes in a batch; beyond it new shapes are kept as kText. Bounds what never-repeating lines cost.
inline constexpr size_t kMaxShapeBytes = size_t{8} << 20;

enum class LineFormat : uint8_t { kJson, kText, kInvalidUtf8 };  // the last two are both stored as kText

class BatchBuilder {
 public:
  BatchBuilder();
  ~BatchBuilder();
  BatchBuilder(BatchBuilder&&) noexcept;
  BatchBuilder& operator=(BatchBuilder&&) noexcept;

  // Index of the stream in the batch being built; later rows belong to it. Streams are compared by their labels, which
  // must be sorted by name. Without a call rows belong to a stream without labels.
  void SetStream(const Labels& labels);

  // Appends a record; the line has no newline at its end. `attributes` is empty or a flat JSON object of strings.
  // REQUIRES: !Full(), line.size() <= kMaxBatchBytes.
  LineFormat Append(std::string_view line, int64_t timestamp_ns, std::string_view attributes = {});

  size_t rows() const;
  size_t bytes() const;  // of lines and attributes appended
  bool Full() const;     // kMaxBatchRows or kMaxBatchBytes reached

  // The batch so far. Shapes are remembered for the next one (their columns start empty again), so that a long-lived
  // builder parses a shape once; the memory is given up when it has outgrown its limits.
  RecordBatch Finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// True and the value for a JSON string's content without quotes: undoes every RFC 8259 escape; lone surrogates become
// U+FFFD. Appends to out.
void AppendUnescaped(std::string_view escaped, std::string& out);

}  // namespace taffrail::record
