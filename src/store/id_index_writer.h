// Builds the id index (id_index.h) of a part: from the hashes of blocks that were encoded, and from the
// indexes of parts whose blocks were copied.
//
// Blocks are named by the numbers in which they were added; the order that they get in the footer is told at
// the end. Memory: 8 bytes for an id of an encoded block, of which kMaxCollectedIds are held at most, and one
// page of every part that blocks were copied from.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "store/id_hashes.h"
#include "store/id_index.h"

namespace taffrail::store {

class IdIndexWriter {
 public:
  // Blocks that are encoded when there are as many belong into another part: 16 MB, and again while sorting.
  static constexpr size_t kMaxCollectedIds = size_t{2} << 20;

  void AddBlock(std::span<const IdRows> ids, uint32_t block);
  // `index` is of another part and must outlive the writer.
  void CopyBlock(const IdIndex& index, uint32_t from, uint32_t to);
  bool Full() const { return collected_.size() >= kMaxCollectedIds; }

  // Writes the index at `offset` of the file. numbers[n] is the final number of the block added as n; there
  // are as many as blocks were added.
  using Write = std::function<absl::Status(std::string_view bytes)>;
  [[nodiscard]] absl::Status Finish(const std::vector<uint32_t>& numbers, uint64_t offset, const Write& write,
                                    IdIndexInfo& info);

 private:
  // A copied part's entries, in order, page by page.
  struct Source {
    const IdIndex* index = nullptr;
    std::vector<std::vector<uint32_t>> to;  // by block: where it was copied
    std::vector<IdEntry> entries;           // of the pages read so far and not used up
    size_t next = 0;
    uint64_t page = 0;  // to be read next
  };
  absl::Status TakeCopied(Source& source, uint64_t end_hash, unsigned hash_bits,
                          const std::vector<uint32_t>& numbers, std::vector<IdEntry>& to);
  uint64_t EntriesAtMost() const;
  uint8_t HashBits() const;

  std::vector<IdEntry> collected_;
  std::map<const IdIndex*, Source> sources_;
};

}  // namespace taffrail::store
