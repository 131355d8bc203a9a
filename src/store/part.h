// A part: an immutable file of blocks that belong to one day.
//
//   part    := header block* index footer trailer                                       docs/format/part.md
//   header  := "TFPART\0" u8 version(4) | u64 id
//   block   := block_writer.h
//   index   := id_index.h
//   footer  := frame of: varint blocks, each: varint offset, bytes, directory bytes, rows, line bytes,
//              zigzag min and max timestamp, varint min and max sequence,
//              varint number ranges, each: string path, f64 min, f64 max;
//              varint replaced parts, each: varint id;
//              varint index offset, index bytes, entries, u8 page bits, u8 rice bits,
//              u8 hash bits
//   trailer := u64 footer offset | u32 footer bytes | u64 XXH3(the twelve bytes before; seed = id) |
//   "TFPARTE\n"
//
// Blocks stand in the order of their first timestamps. "Replaced" are the parts that this one was merged
// from, so that repair, when the manifest is lost, does not bring back what was merged.
//
// Version 3 had no hash bits in its footer: they were 26. Version 2 had an index with 28 that names no rows,
// and no frames in pieces. Version 1 had a filter (word_filter.h) after each block instead of the index, and
// its offset and buckets in the footer after each block's largest sequence. All are read, and every merge
// makes version 4 of them.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/env.h"
#include "base/status.h"
#include "store/block_reader.h"
#include "store/block_writer.h"
#include "store/deleted_rows.h"
#include "store/id_index.h"

namespace taffrail::store {

inline constexpr size_t kPartHeaderBytes = 16;
inline constexpr size_t kPartTrailerBytes = 28;
inline constexpr int64_t kDayNs = int64_t{86'400} * 1'000'000'000;

// Days since 1970-01-01, UTC; rounds down.
int32_t DayOf(int64_t timestamp_ns);
std::string PartName(uint64_t id);  // "part-000000000042.tfp"
bool ParsePartName(const std::string& name, uint64_t& id);

struct BlockInfo {
  uint64_t offset = 0;
  uint64_t bytes = 0;
  BlockSummary summary;
  uint64_t filter_offset = 0;  // these two: version 1 only
  uint64_t filter_buckets = 0;
};

// What the manifest says of a part.
struct PartMeta {
  uint64_t id = 0;
  int32_t day = 0;
  uint64_t rows = 0;
  uint64_t blocks = 0;
  uint64_t file_bytes = 0;
  uint64_t line_bytes = 0;
  int64_t min_timestamp_ns = 0;
  int64_t max_timestamp_ns = 0;
  uint64_t min_sequence = 0;
  uint64_t max_sequence = 0;
  // Which file of deleted rows counts (deleted_rows.h), 0: none, and how many rows of the above it takes
  // away.
  uint64_t deletes_number = 0;
  uint64_t deleted_rows = 0;
};

struct PartFooter {
  std::vector<BlockInfo> blocks;
  std::vector<uint64_t> replaced;
  IdIndexInfo index;

  void AppendTo(std::string& out) const;  // as the newest version
  [[nodiscard]] static bool Parse(std::string_view data, uint8_t version, PartFooter& footer);
};

// Totals over the blocks.
PartMeta MetaOf(uint64_t id, const std::vector<BlockInfo>& blocks, uint64_t file_bytes);

// An open part. Immutable and safe from any thread. Deleting rows makes another Part over the same file.
class Part {
 public:
  static absl::StatusOr<std::shared_ptr<Part>> Open(base::Env& env, const std::string& dir, uint64_t id);
  // With its deleted rows, when the manifest names some.
  static absl::StatusOr<std::shared_ptr<Part>> Open(base::Env& env, const std::string& dir,
                                                    const PartMeta& meta);
  // The same part without these rows (null: with all its rows), and without those of its own before.
  std::shared_ptr<Part> WithDeleted(std::shared_ptr<DeletedRows> deleted) const;

  const PartMeta& meta() const { return meta_; }
  const std::vector<BlockInfo>& blocks() const { return file_->footer.blocks; }
  const std::vector<uint64_t>& replaced() const { return file_->footer.replaced; }
  const std::string& path() const { return file_->path; }

  // Null when no row was deleted. Whoever reads a block's rows takes the deleted ones out: EraseDeleted.
  const DeletedRows* deleted() const { return deleted_.get(); }
  void EraseDeleted(size_t block, expr::Selection& rows) const {
    if (deleted_ != nullptr) deleted_->Erase(static_cast<uint32_t>(block), rows);
  }
  bool HasDeleted(size_t block) const {
    return deleted_ != nullptr && deleted_->Has(static_cast<uint32_t>(block));
  }

  absl::StatusOr<BlockReader> OpenBlock(size_t block) const;
  // The same with its directory alone: heads and times are loaded when they are wanted.
  absl::StatusOr<std::unique_ptr<BlockReader>> OpenDirectory(size_t block) const;
  // Takes out of `blocks`, which is ascending, those that lack one of the folded ids, and out of their rows
  // those that do; `bytes_read` is added to. What is damaged prunes nothing: it costs time, and no answer.
  void Narrow(const std::vector<std::string>& folded_ids, std::vector<BlockRows>& blocks,
              uint64_t& bytes_read) const;
  // Hints that Narrow will be called so, and that much of the block is about to be read: what is in no cache
  // is fetched meanwhile.
  void WillNarrow(const std::vector<std::string>& folded_ids) const;
  void WillRead(size_t block) const;
  // The block's bytes as they are, checked.
  absl::StatusOr<std::string> ReadRaw(size_t block) const;
  // Reads what belongs to the part and to no block, or only helps to find blocks: index and filters.
  [[nodiscard]] absl::Status CheckIndex() const;
  // Null: version 1.
  const IdIndex* index() const { return file_->index.has_value() ? &*file_->index : nullptr; }

  // The open file: of a number that no other has or had in this process, and for as long as a part holds it.
  uint64_t file_number() const { return file_->number; }
  std::weak_ptr<const void> file() const { return file_; }

  // Nothing refers to the part any more but the snapshots that hold it: the last one to go removes the files.
  void Abandon();
  // The same for the file of deleted rows alone, when another one counts now.
  void AbandonDeleted();

 private:
  struct File {
    File(base::Env& file_env, std::string file_path, std::unique_ptr<base::RandomAccessFile> opened);
    ~File();
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    base::Env& env;
    const std::string path;
    const uint64_t number;
    const std::unique_ptr<base::RandomAccessFile> bytes;
    PartFooter footer;
    std::optional<IdIndex> index;  // refers to the members above
    PartMeta meta;
    std::atomic<bool> abandoned = false;
  };

  Part(std::shared_ptr<File> file, std::shared_ptr<DeletedRows> deleted);
  static absl::Status ReadTail(File& file, uint64_t id);
  absl::StatusOr<bool> MayHold(size_t block, std::string_view folded_id, uint64_t& bytes_read) const;

  const std::shared_ptr<File> file_;
  const std::shared_ptr<DeletedRows> deleted_;
  PartMeta meta_;
};

}  // namespace taffrail::store
