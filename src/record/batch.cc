#include "record/batch.h"

namespace taffrail::record {

StringData PlainTexts(const Column& column) {
  size_t bytes = 0;
  for (const uint32_t code : column.codes) bytes += column.strings[code].size();
  StringData plain;
  plain.Reserve(column.codes.size(), bytes);
  for (const uint32_t code : column.codes) plain.Append(column.strings[code]);
  return plain;
}

void MakePlain(Column& column) {
  if (!column.coded()) return;
  column.strings = PlainTexts(column);
  column.codes = {};
}

int RecordBatch::FindColumn(Origin origin, std::string_view path, Kind kind) const {
  for (size_t i = 0; i < columns.size(); ++i) {
    const ColumnKey& key = columns[i].key;
    if (key.kind == kind && key.origin == origin && key.path == path) return static_cast<int>(i);
  }
  return -1;
}

size_t RecordBatch::MemoryBytes() const {
  size_t bytes = timestamp_ns.capacity() * sizeof(int64_t) + sequence.capacity() * sizeof(uint64_t) +
                 (stream.capacity() + shape.capacity()) * sizeof(uint32_t);
  for (const Stream& s : streams) {
    bytes += sizeof(Stream);
    for (const auto& [name, value] : s.labels)
      bytes += 2 * sizeof(std::string) + name.capacity() + value.capacity();
  }
  for (const Shape& s : shapes) {
    bytes += sizeof(Shape) + s.skeleton.capacity() + s.holes.capacity() * sizeof(Hole);
    for (const Constant& c : s.constants) bytes += sizeof(Constant) + c.path.capacity() + c.json.capacity();
  }
  for (const Column& c : columns) {
    bytes += sizeof(Column) + c.key.path.capacity() + c.integers.capacity() * sizeof(int64_t) +
             c.scales.capacity() + c.codes.capacity() * sizeof(uint32_t) + c.strings.raw_bytes().capacity() +
             c.strings.raw_ends().capacity() * sizeof(uint32_t);
  }
  return bytes;
}

}  // namespace taffrail::record
