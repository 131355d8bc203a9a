// Reads a block: its rows' heads at once, its columns as they are asked for.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/env.h"
#include "base/status.h"
#include "expr/matcher.h"
#include "record/batch.h"
#include "store/block_directory.h"
#include "store/column_rows.h"
#include "store/frame_pieces.h"
#include "store/kept_answers.h"
#include "store/kept_batches.h"
#include "store/kept_frames.h"
#include "store/row_picks.h"
#include "store/shape_counts.h"

namespace taffrail::store {

// Where the bytes of a block are: in a file, or in memory.
class BlockBytes {
 public:
  // `name` is what errors call it. All that is referred to must outlive this.
  BlockBytes(const base::RandomAccessFile& file, const std::string& name, uint64_t offset, uint64_t size)
      : file_(&file), name_(&name), offset_(offset), size_(size) {}
  BlockBytes(std::string_view memory, const std::string& name)
      : name_(&name), memory_(memory), size_(memory.size()) {}

  uint64_t size() const { return size_; }
  // The bytes [offset, offset + size) of the block, borrowed from memory or read into `buffer`.
  absl::StatusOr<std::string_view> Read(uint64_t offset, size_t size, std::unique_ptr<char[]>& buffer) const;
  // DataLoss with file and place.
  absl::Status Damaged(uint64_t offset, std::string_view what) const;

 private:
  const base::RandomAccessFile* file_ = nullptr;
  const std::string* name_;
  std::string_view memory_;
  uint64_t offset_ = 0;
  uint64_t size_;
};

class BlockReader {
 public:
  // Reads the directory and the heads of the rows: streams, shapes, and if wanted timestamps and sequences.
  // directory_bytes is what BlockSummary said, 0 when nobody knows.
  static absl::StatusOr<BlockReader> Open(const BlockBytes& bytes, size_t directory_bytes, bool times = true);
  // Reads the directory alone: then the batch has streams, shapes and columns, but no rows until LoadHeads.
  static absl::StatusOr<BlockReader> OpenDirectory(const BlockBytes& bytes, size_t directory_bytes);
  // Their frame is kept: it has times, too, and small columns.
  [[nodiscard]] absl::Status LoadHeads();

  // Timestamps and sequences, if they are not loaded yet.
  [[nodiscard]] absl::Status LoadTimes();

  // From now on columns of strings that are stored as a dictionary are loaded so: Column::coded().
  void KeepDictionaries() { keep_dictionaries_ = true; }

  const record::RecordBatch& batch() const { return batch_; }
  record::RecordBatch&& TakeBatch() && { return std::move(batch_); }

  // Loads the columns for which need(column) is true and that are not loaded yet.
  [[nodiscard]] absl::Status Load(const std::function<bool(const record::Column&)>& need);
  [[nodiscard]] absl::Status LoadAll();

  // These rows, ascending, as a batch of their own, with the columns for which need(column) is true, and with
  // their times if wanted or loaded. What it costs depends on how many there are, but for decompression. The
  // reader stays as it is.
  absl::StatusOr<record::RecordBatch> Pick(const expr::Selection& rows,
                                           const std::function<bool(const record::Column&)>& need,
                                           bool times) {
    return Pick(rows, need, times, /*ids_alone=*/false);
  }
  // The same for a condition that no value without an id (expr/words.h) passes: columns without any may have
  // other values than they have, also without.
  absl::StatusOr<record::RecordBatch> PickForIds(const expr::Selection& rows,
                                                 const std::function<bool(const record::Column&)>& need,
                                                 bool times) {
    return Pick(rows, need, times, /*ids_alone=*/true);
  }

  KeptAnswers& answers() { return answers_; }
  KeptBatches& batches() { return batches_; }

  uint32_t rows() const { return directory_.rows; }
  // Whether its rows have sequence numbers.
  bool numbered() const { return directory_.sequences.frame != Chunk::kNone; }
  uint64_t line_bytes() const { return directory_.line_bytes; }
  // False once something could not be read: what is loaded then makes no sense.
  bool intact() const { return intact_; }
  // One use is over: counts from zero again, and unloads columns until no more than `max_bytes` are in use,
  // those first that were not asked for since the last call. What is in use then.
  size_t FinishUse(size_t max_bytes);
  size_t MemoryBytes() const;
  // Whether it holds frames as they were read, for what else is wanted of them.
  bool KeepsFrames() const { return kept_.MemoryBytes() > 0; }
  void DropFrames() { kept_.Clear(); }

  uint64_t bytes() const { return bytes_.size(); }           // of the block, stored
  uint64_t bytes_read() const { return bytes_read_; }        // stored
  uint64_t bytes_decoded() const { return bytes_decoded_; }  // after decompression

 private:
  // A chunk to decode, and where its values go.
  struct Wanted {
    Chunk chunk;
    record::Column* column = nullptr;
    size_t number = 0;                         // of the column in the block
    std::vector<int64_t>* integers = nullptr;  // when column is null
    std::vector<uint32_t>* numbers = nullptr;  // or these, each below numbers_end
    size_t numbers_end = 0;
    size_t values = 0;
    bool keep = false;    // the frame, for what is wanted of it later
    bool picked = false;  // only those at `index`
    std::span<const uint32_t> index;
    RowPicks* picks = nullptr;                        // of a column, when picked
    const std::vector<int64_t>* row_times = nullptr;  // of the picked rows; null: not read yet
  };

  explicit BlockReader(const BlockBytes& bytes) : bytes_(bytes) {}
  absl::Status ReadDirectory(size_t directory_bytes);
  absl::Status BuildShapes();
  absl::Status CheckHeads();
  void Want(const Chunk& chunk, std::vector<int64_t>& to, std::vector<Wanted>& wanted) const;
  absl::Status LoadChunks(std::vector<Wanted>& wanted);
  absl::Status DecodeRun(const std::vector<Wanted>& wanted, size_t first, size_t last, ColumnRows& rows);
  // Of one frame.
  absl::Status DecodeChunks(std::span<const Wanted> wanted, ColumnRows& rows, LazyFrame& frame);
  bool DecodeChunk(const Wanted& wanted, ColumnRows& rows, LazyFrame& frame);
  // block_pick.cc
  absl::StatusOr<record::RecordBatch> Pick(const expr::Selection& rows,
                                           const std::function<bool(const record::Column&)>& need, bool times,
                                           bool ids_alone);
  bool PickChunk(const Wanted& wanted, ColumnRows& rows, LazyFrame& frame, base::ByteReader& reader);
  absl::Status PickTimes(const expr::Selection& rows, std::vector<int64_t>& times,
                         std::vector<uint64_t>* sequences);

  BlockBytes bytes_;
  BlockDirectory directory_;
  std::vector<uint64_t> frame_offset_;  // in the block; one more than there are frames
  record::RecordBatch batch_;
  ShapeCounts shape_counts_;  // of the rows, once there are heads
  KeptFrames kept_;
  KeptAnswers answers_;
  KeptBatches batches_;
  uint64_t bytes_read_ = 0;
  uint64_t bytes_decoded_ = 0;
  bool keep_dictionaries_ = false;
  bool has_heads_ = false;
  bool has_times_ = false;
  bool intact_ = true;
  std::vector<uint8_t> used_;  // by column: asked for since FinishUse
};

}  // namespace taffrail::store
