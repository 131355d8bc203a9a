// The first frame of a block: what is in it and where.
//
//   directory := varint rows | varint line_bytes
//                varint streams, each: varint labels, each: string name, string value
//                varint shapes, each: string skeleton                                   docs/format/shape.md
//                varint frames, each: varint stored bytes with header
//                chunk timestamps, chunk sequences, chunk streams, chunk shapes
//                varint columns, each: u8 origin, u8 kind, string path, varint values, chunk
//                                      (origin + 128: none of its values has an id, see expr/words.h)
//   chunk     := varint frame + 1 (0: there is none) | varint offset | varint size      in the decoded frame
//
// docs/format/part.md
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "record/batch.h"

namespace taffrail::store {

struct Chunk {
  static constexpr uint32_t kNone = UINT32_MAX;
  uint32_t frame = kNone;  // after the directory's own
  uint32_t offset = 0;
  uint32_t size = 0;
};

struct ColumnEntry {
  record::ColumnKey key;
  uint32_t values = 0;
  bool without_ids = false;  // false: nobody looked
  Chunk chunk;
};

struct BlockDirectory {
  uint32_t rows = 0;
  uint64_t line_bytes = 0;
  std::vector<record::Stream> streams;
  std::vector<std::string> skeletons;
  std::vector<uint32_t> frame_bytes;  // stored, with header
  Chunk timestamps;
  Chunk sequences;   // kNone in the WAL, where the record says them
  Chunk stream_ids;  // kNone: all rows have streams[0]
  Chunk shape_ids;
  std::vector<ColumnEntry> columns;

  void AppendTo(std::string& out) const;
  // False when the bytes make no sense.
  [[nodiscard]] static bool Parse(std::string_view data, BlockDirectory& directory);
};

}  // namespace taffrail::store
