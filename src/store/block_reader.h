// Reads a block: its rows' heads at once, its columns as they are asked for.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.h"
#include "base/status.h"
#include "expr/bits.h"
#include "record/batch.h"
#include "store/block_directory.h"
#include "store/column_rows.h"

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
  absl::StatusOr<std::string_view> Read(uint64_t offset, size_t size, std::string& buffer) const;
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

  // Timestamps and sequences, if they are not loaded yet.
  [[nodiscard]] absl::Status LoadTimes();

  // From now on columns of strings that are stored as a dictionary are loaded so: Column::coded().
  void KeepDictionaries() { keep_dictionaries_ = true; }

  const record::RecordBatch& batch() const { return batch_; }
  record::RecordBatch&& TakeBatch() && { return std::move(batch_); }

  // Loads the columns for which need(column) is true and that are not loaded yet. With `rows`, the texts of
  // all other rows may be empty.
  [[nodiscard]] absl::Status Load(const std::function<bool(const record::Column&)>& need,
                                  const expr::Bits* rows = nullptr);
  [[nodiscard]] absl::Status LoadAll();

  uint64_t line_bytes() const { return directory_.line_bytes; }
  uint64_t bytes_read() const { return bytes_read_; }        // stored
  uint64_t bytes_decoded() const { return bytes_decoded_; }  // after decompression

 private:
  struct Wanted;

  explicit BlockReader(const BlockBytes& bytes) : bytes_(bytes) {}
  absl::Status ReadDirectory(size_t directory_bytes);
  absl::Status BuildShapes();
  absl::Status LoadHeads();
  absl::Status CheckHeads() const;
  void Want(const Chunk& chunk, std::vector<int64_t>& to, std::vector<Wanted>& wanted) const;
  absl::Status LoadChunks(std::vector<Wanted>& wanted);
  absl::Status DecodeRun(const std::vector<Wanted>& wanted, size_t first, size_t last, ColumnRows& rows);
  bool DecodeChunk(const Wanted& wanted, ColumnRows& rows, std::string_view bytes);

  BlockBytes bytes_;
  BlockDirectory directory_;
  std::vector<uint64_t> frame_offset_;  // in the block; one more than there are frames
  record::RecordBatch batch_;
  uint64_t bytes_read_ = 0;
  uint64_t bytes_decoded_ = 0;
  bool keep_dictionaries_ = false;
  bool has_times_ = false;
};

}  // namespace taffrail::store
