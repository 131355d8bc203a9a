#include "store/block_directory.h"

#include "base/bytes.h"
#include "store/frame.h"

namespace taffrail::store {
namespace {

constexpr uint8_t kWithoutIds = 128;  // beside a column's origin

void PutChunk(const Chunk& chunk, std::string& out) {
  base::PutVarint(out, chunk.frame == Chunk::kNone ? 0 : uint64_t{chunk.frame} + 1);
  base::PutVarint(out, chunk.offset);
  base::PutVarint(out, chunk.size);
}

Chunk ReadChunk(base::ByteReader& reader, size_t frames) {
  const uint64_t frame = reader.Varint();
  const uint64_t offset = reader.Varint();
  const uint64_t size = reader.Varint();
  if (frame > frames || offset > kMaxFrameBytes || size > kMaxFrameBytes) reader.Fail();
  if (!reader.ok() || frame == 0) return {};
  return {static_cast<uint32_t>(frame - 1), static_cast<uint32_t>(offset), static_cast<uint32_t>(size)};
}

// How many things follow that take at least a byte each.
size_t ReadCount(base::ByteReader& reader) {
  const uint64_t count = reader.Varint();
  if (count > reader.remaining()) reader.Fail();
  return reader.ok() ? static_cast<size_t>(count) : 0;
}

void ReadStream(base::ByteReader& reader, record::Stream& stream) {
  stream.labels.resize(ReadCount(reader));
  for (auto& [name, value] : stream.labels) {
    name = reader.String();
    value = reader.String();
  }
}

void ReadColumn(base::ByteReader& reader, size_t frames, ColumnEntry& column) {
  const auto flagged = reader.Fixed<uint8_t>();
  column.without_ids = (flagged & kWithoutIds) != 0;
  const uint8_t origin = flagged & static_cast<uint8_t>(~kWithoutIds);
  const auto kind = reader.Fixed<uint8_t>();
  column.key.path = reader.String();
  const uint64_t values = reader.Varint();
  column.chunk = ReadChunk(reader, frames);
  if (origin > 1 || kind < 1 || kind > record::kLastKind || values > record::kMaxBatchRows) reader.Fail();
  column.key.origin = static_cast<record::Origin>(origin);
  column.key.kind = static_cast<record::Kind>(kind);
  column.values = static_cast<uint32_t>(values);
}

}  // namespace

void BlockDirectory::AppendTo(std::string& out) const {
  base::PutVarint(out, rows);
  base::PutVarint(out, line_bytes);
  base::PutVarint(out, streams.size());
  for (const record::Stream& stream : streams) {
    base::PutVarint(out, stream.labels.size());
    for (const auto& [name, value] : stream.labels) {
      base::PutString(out, name);
      base::PutString(out, value);
    }
  }
  base::PutVarint(out, skeletons.size());
  for (const std::string& skeleton : skeletons) base::PutString(out, skeleton);
  base::PutVarint(out, frame_bytes.size());
  for (const uint32_t bytes : frame_bytes) base::PutVarint(out, bytes);
  for (const Chunk* chunk : {&timestamps, &sequences, &stream_ids, &shape_ids}) PutChunk(*chunk, out);
  base::PutVarint(out, columns.size());
  for (const ColumnEntry& column : columns) {
    out.push_back(static_cast<char>(static_cast<uint8_t>(column.key.origin) |
                                    (column.without_ids ? kWithoutIds : uint8_t{0})));
    out.push_back(static_cast<char>(column.key.kind));
    base::PutString(out, column.key.path);
    base::PutVarint(out, column.values);
    PutChunk(column.chunk, out);
  }
}

bool BlockDirectory::Parse(std::string_view data, BlockDirectory& directory) {
  base::ByteReader reader(data);
  const uint64_t rows = reader.Varint();
  if (rows > record::kMaxBatchRows) return false;
  directory.rows = static_cast<uint32_t>(rows);
  directory.line_bytes = reader.Varint();
  directory.streams.resize(ReadCount(reader));
  for (record::Stream& stream : directory.streams) ReadStream(reader, stream);
  directory.skeletons.resize(ReadCount(reader));
  for (std::string& skeleton : directory.skeletons) skeleton = reader.String();
  directory.frame_bytes.resize(ReadCount(reader));
  for (uint32_t& bytes : directory.frame_bytes) {
    const uint64_t stored = reader.Varint();
    if (stored < kFrameHeaderBytes || stored > kFrameHeaderBytes + uint64_t{kMaxFrameBytes}) reader.Fail();
    bytes = static_cast<uint32_t>(stored);
  }
  const size_t frames = directory.frame_bytes.size();
  for (Chunk* chunk :
       {&directory.timestamps, &directory.sequences, &directory.stream_ids, &directory.shape_ids}) {
    *chunk = ReadChunk(reader, frames);
  }
  directory.columns.resize(ReadCount(reader));
  for (ColumnEntry& column : directory.columns) ReadColumn(reader, frames, column);
  return reader.ok() && reader.AtEnd() && (directory.rows == 0 || !directory.streams.empty());
}

}  // namespace taffrail::store
