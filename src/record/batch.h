// RecordBatch: up to kMaxBatchRows records in columns. What decoders fill, the store writes, standing queries
// read and queries return.
//
//   row             0          1          2          3
//   timestamp_ns    …          …          …          …          per row
//   sequence        …          …          …          …          per row: order of arrival, given by the store
//   stream          0          0          1          0          per row → streams[]: label sets
//   shape           0          1          0          0          per row → shapes[]
//   column "level" (string)    INFO  INFO  WARN  ERROR          dense: a value only for rows whose shape has
//   the hole column "took" (decimal)    15.90       7.25  0.10
//
// Dense columns make 10 000 distinct keys cost what their values cost. The place of a row's value in a column
// is the number of earlier rows whose shape has that column; RowCursor (row_cursor.h) keeps count.
//
// A batch that a scan returns may hold only the columns that were asked for: the others have loaded == false.
// Its timestamps and sequences may be missing in the same way, and are empty then.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "record/shape.h"

namespace taffrail::record {

// Rows: 64 Ki are where per-batch costs (dictionaries, heads) stop mattering while one still decodes in
// milliseconds. Bytes: offsets are 32 bits, and this bounds memory.
inline constexpr size_t kMaxBatchRows = 65536;
inline constexpr size_t kMaxBatchBytes = size_t{32} << 20;

// Sorted by name; names are unique.
using Labels = std::vector<std::pair<std::string, std::string>>;

struct Stream {
  Labels labels;
  friend bool operator==(const Stream&, const Stream&) = default;
};

// Strings end to end.
class StringData {
 public:
  StringData() : ends_{} {}
  size_t size() const { return ends_.size(); }
  size_t bytes() const { return bytes_.size(); }
  std::string_view operator[](size_t i) const {
    const uint32_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(bytes_).substr(begin, ends_[i] - begin);
  }
  void Append(std::string_view value) {
    bytes_.append(value);
    ends_.push_back(static_cast<uint32_t>(bytes_.size()));
  }
  void Reserve(size_t values, size_t bytes) {
    ends_.reserve(values);
    bytes_.reserve(bytes);
  }
  std::string& mutable_bytes() { return bytes_; }  // append a value's pieces here, then CloseValue()
  void CloseValue() { ends_.push_back(static_cast<uint32_t>(bytes_.size())); }
  const std::string& raw_bytes() const { return bytes_; }
  const std::vector<uint32_t>& raw_ends() const { return ends_; }
  std::vector<uint32_t>& mutable_ends() { return ends_; }

 private:
  std::string bytes_;
  std::vector<uint32_t> ends_;
};

// The values of one ColumnKey. Which member holds them follows from the kind.
struct Column {
  ColumnKey key;
  bool loaded = true;
  std::vector<int64_t> integers;  // kInteger; kDecimal: mantissas ("-1.50" → -150); kBool: 0 or 1
  std::vector<uint8_t> scales;    // kDecimal: digits after the point
  StringData strings;             // every other kind
  // When not empty, the column is coded: value i is strings[codes[i]], and `strings` holds texts of which few
  // are there twice. So what depends on the text alone is worked out once for each of them.
  std::vector<uint32_t> codes;

  bool coded() const { return !codes.empty(); }
  // Value i of a column of strings.
  std::string_view text(size_t i) const { return codes.empty() ? strings[i] : strings[codes[i]]; }
  size_t size() const {
    if (!IsString()) return integers.size();
    return coded() ? codes.size() : strings.size();
  }
  bool IsString() const {
    return key.kind != Kind::kInteger && key.kind != Kind::kDecimal && key.kind != Kind::kBool;
  }
};

// A coded column's values written out: it is plain then.
void MakePlain(Column& column);
// The same in strings of their own. REQUIRES: column.coded().
StringData PlainTexts(const Column& column);

struct RecordBatch {
  std::vector<int64_t> timestamp_ns;  // Unix time
  std::vector<uint64_t> sequence;     // empty until the store has numbered the rows
  std::vector<uint32_t> stream;       // index into streams; empty when every row has streams[0]
  std::vector<Stream> streams;        // at least one when there are rows
  std::vector<uint32_t> shape;        // index into shapes
  std::vector<Shape> shapes;
  std::vector<Column> columns;  // no two have the same key
  // Of all lines with a newline each, as a builder counted them; 0: not known. Whoever takes rows out or puts
  // some in makes a batch that does not know.
  uint64_t line_bytes = 0;

  size_t rows() const { return shape.size(); }
  uint32_t stream_of(size_t row) const { return stream.empty() ? 0 : stream[row]; }
  // Index of the column with this key, or -1.
  int FindColumn(Origin origin, std::string_view path, Kind kind) const;
  // Estimate of the heap in use.
  size_t MemoryBytes() const;
};

}  // namespace taffrail::record
