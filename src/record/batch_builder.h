// Turns lines into a RecordBatch: the reader of JSON lines.
//
// A line whose shape was seen before is matched against the shapes' common tree (line_matcher.h) and its
// values go straight to their columns; a new shape is parsed once, strictly (RFC 8259), and joins the tree. A
// line that is not a JSON object in valid UTF-8 becomes one kText value: nothing is refused, and Finish()
// returns what was appended, byte for byte.
//
// Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "record/batch.h"

namespace taffrail::record {

// Columns after which a batch is full (it may end with a line's worth more). Bounds the per-column cost
// (directory, cursors) that a sender with ever new keys causes; a stream of 10 000 distinct keys takes a few
// batches.
inline constexpr size_t kMaxBatchColumns = 4096;
// Fields of one line that get a column; the rest stay in the shape as constants: still stored, found and
// returned. The widest real log met has 574 paths over all its lines.
inline constexpr size_t kMaxLineHoles = 1024;
// Bytes of distinct shapes after which a batch is full. Bounds what lines that never repeat their shape cost.
inline constexpr size_t kMaxShapeBytes = size_t{8} << 20;

enum class LineFormat : uint8_t { kJson, kText, kInvalidUtf8 };  // the last two are both stored as kText

class BatchBuilder {
 public:
  BatchBuilder();
  ~BatchBuilder();
  BatchBuilder(BatchBuilder&&) noexcept;
  BatchBuilder& operator=(BatchBuilder&&) noexcept;

  // Index of the stream in the batch being built; later rows belong to it. Streams are compared by their
  // labels, which must be sorted by name. Without a call rows belong to a stream without labels.
  void SetStream(const Labels& labels);

  // Appends a record; the line has no newline at its end. `attributes` is empty or a flat JSON object of
  // strings. Attributes that are not an object in valid UTF-8 are left out. REQUIRES: !Full(), line.size() <=
  // kMaxBatchBytes.
  LineFormat Append(std::string_view line, int64_t timestamp_ns, std::string_view attributes = {});

  size_t rows() const;
  size_t bytes() const;  // of lines and attributes appended
  bool Full() const;  // a limit is reached: kMaxBatchRows, kMaxBatchBytes, kMaxBatchColumns or kMaxShapeBytes
  // What the shapes met so far take, about; they outlive a batch.
  size_t learned_bytes() const;

  // The batch so far. Shapes are remembered for the next one (their columns start empty again), so that a
  // long-lived builder parses a shape once; the memory is given up when it has outgrown its limits.
  RecordBatch Finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// True and the value for a JSON string's content without quotes: undoes every RFC 8259 escape; lone
// surrogates become U+FFFD. Appends to out.
void AppendUnescaped(std::string_view escaped, std::string& out);

}  // namespace taffrail::record
