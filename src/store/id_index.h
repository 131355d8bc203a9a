// Which blocks of a part hold an id (expr/words.h): one read of a few kilobytes, however many blocks there
// are.
//
//   index     := page* | directory                                   id_page.h, docs/format/part.md
//   directory := u64 end of each page, from the start of the index
//
// Ids are spread over 2^page_bits pages by the top bits of their hashes. An id that is in more than half of
// all blocks has one entry that says "any block".
//
// All hashes of an index are truncated to the same length. A merged index has the shortest of its sources, to
// which the others are cut: merging indexes reads no column.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.h"
#include "base/status.h"
#include "store/id_page.h"

namespace taffrail::store {

// What the part's footer says of its index.
struct IdIndexInfo {
  uint64_t offset = 0;
  uint64_t bytes = 0;  // 0: the part has no ids
  uint64_t entries = 0;
  uint8_t page_bits = 0;
  uint8_t rice_bits = 0;
  uint8_t hash_bits = kIdHashBits;
  bool has_hints = true;  // false: of version 2

  uint64_t pages() const { return uint64_t{1} << page_bits; }
  uint64_t directory_offset() const { return offset + bytes - pages() * sizeof(uint64_t); }
  // Whether the numbers make sense at all.
  [[nodiscard]] bool Sane() const;
};

inline constexpr unsigned kMaxIdPageBits = 20;

// A block that may hold what is looked for, and the rows of it that may.
struct BlockRows {
  uint32_t block = 0;
  uint32_t begin = 0;
  uint32_t end = UINT32_MAX;  // may be beyond the last row

  bool all() const { return begin == 0 && end == UINT32_MAX; }
};

// Refers to the open file of a part. Safe from any thread.
class IdIndex {
 public:
  // All must outlive this; `name` is what errors call the file. REQUIRES: info.Sane(), blocks <=
  // kMaxPartBlocks.
  IdIndex(const base::RandomAccessFile& file, const std::string& name, const IdIndexInfo& info,
          uint32_t blocks)
      : file_(file), name_(name), info_(info), blocks_(blocks) {}

  // Reads where the pages are, once, so that a look-up reads its page alone. Eight bytes a page, of which a
  // page is some two thousand. An error is left to the look-ups: without it each reads its own. Not
  // thread-safe.
  void LoadDirectory();

  const IdIndexInfo& info() const { return info_; }
  uint32_t blocks() const { return blocks_; }

  // Takes out of `blocks`, which is ascending, those that do not hold the folded id, and of those that do the
  // rows that do not; a few that do not may stay. `bytes_read` is added to. DataLoss: the page is damaged,
  // and `blocks` as it was.
  [[nodiscard]] absl::Status Narrow(std::string_view folded_id, std::vector<BlockRows>& blocks,
                                    uint64_t& bytes_read) const;
  // A hint that Narrow will be called for this id: its page is fetched meanwhile.
  void WillNarrow(std::string_view folded_id) const;
  // The entries of a page, in order.
  [[nodiscard]] absl::Status ReadPage(uint64_t page, std::vector<IdEntry>& entries,
                                      uint64_t& bytes_read) const;
  // Reads every page.
  [[nodiscard]] absl::Status Check() const;

 private:
  absl::Status ReadEnds(uint64_t page, uint64_t (&ends)[2]) const;
  // The bytes of a page, in `bytes`.
  absl::Status FetchPage(uint64_t page, std::unique_ptr<char[]>& buffer, std::string_view& bytes) const;
  // The first bits of an id's hash, and the page that they are in.
  uint32_t HashOfId(std::string_view folded_id) const;
  uint64_t PageOf(uint32_t hash) const { return hash >> (info_.hash_bits - info_.page_bits); }
  IdPageShape ShapeOf(uint64_t page) const;
  absl::Status Damaged(uint64_t offset, std::string_view what) const;

  const base::RandomAccessFile& file_;
  const std::string& name_;
  const IdIndexInfo& info_;
  const uint32_t blocks_;
  std::vector<uint64_t> page_ends_;  // of LoadDirectory; else empty
};

}  // namespace taffrail::store
