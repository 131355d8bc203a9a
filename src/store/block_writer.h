// Writes a RecordBatch as a block: self-contained, so that a merge can copy it without looking inside.
//
//   block := frame directory | frame*                              block_directory.h, frame.h,
//   docs/format/part.md
//
// A large column has a frame of its own; small ones share frames, because a few hundred bytes alone compress
// badly and cost a read each.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "record/batch.h"
#include "store/chunk_out.h"
#include "store/encoding_memory.h"
#include "store/id_hashes.h"

namespace taffrail::store {

// The smallest and largest number under a path whose values in the block are all numbers (or null).
struct NumberRange {
  std::string path;
  double min = 0;
  double max = 0;
};

// What a block says of itself: in the footer of its part, for pruning.
struct BlockSummary {
  uint32_t rows = 0;
  uint64_t line_bytes = 0;
  uint32_t directory_bytes = 0;  // of the directory's frame
  int64_t min_timestamp_ns = 0;
  int64_t max_timestamp_ns = 0;
  uint64_t min_sequence = 0;
  uint64_t max_sequence = 0;
  std::vector<NumberRange> numbers;
};

struct BlockOptions {
  int zstd_level = 1;
  int text_zstd_level = 1;  // of frames that are mostly text as it came
  Effort effort = Effort::kSmall;
  // A column with more than this, before compression, has its own frame and can be read alone.
  size_t small_column_bytes = size_t{64} << 10;
  // The others share frames of about this size: alike columns next to each other compress better together.
  size_t shared_frame_bytes = size_t{256} << 10;
  // A frame of one column is compressed in pieces of about this size, and one of several in larger ones: like
  // columns next to each other are worth more than what reading a piece alone saves.
  size_t piece_bytes = size_t{16} << 10;
  size_t shared_piece_bytes = size_t{64} << 10;
  // The encodings that columns had before; null: nobody remembers.
  EncodingMemory* memory = nullptr;
};

// The text of every value, constant and label. REQUIRES: all columns are loaded.
void AddWords(const record::RecordBatch& batch, IdHashes& words);

// Appends the block of a batch to `out`. The sequences are written when the batch has them.
// `words`, when not null, gets the text of every value, constant and label; `summary` is filled except for
// `numbers`. REQUIRES: all columns are loaded.
void EncodeBlock(const record::RecordBatch& batch, const BlockOptions& options, std::string& out,
                 BlockSummary& summary, IdHashes* words);

}  // namespace taffrail::store
