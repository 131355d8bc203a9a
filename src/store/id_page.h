// A page of an id index: about a thousand entries, read by one probe.
//
//   page := u32 entries | bits | u64 XXH3(all before; seed = number of the page) docs/format/part.md
//
// The bits are written from the lowest of each byte up. Each entry is
//
//   the hash, less the one before it in the page (the first: less the page's first): a Rice code: quotient by
//   2^rice_bits as that many ones and a zero, then rice_bits bits of remainder
//   the block: a number from 0 to the number of blocks, in truncated binary; the last one says "any block"
//   the rows, of a block: five bits, see RowHint
//
// Sorted hashes differ by little, so that an entry of a part of 5 million lines takes about 19 bits, with the
// block and the rows that it names: no more than a Bloom filter, which would have to be asked for each block
// and could not say where in it.
//
// Hashes have as many bits as the index says (id_index.h); in version 2 of parts entries name no rows.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "record/batch.h"

namespace taffrail::store {

// Of XXH3(id), the top ones. A part has at most 2^27 entries (merge_policy.h), and 2^26 of 30 million lines:
// there an id is taken for another one in one of sixteen probes, which costs looking at a few thousand rows
// of a block in vain. Each bit takes a twentieth of the index.
inline constexpr unsigned kIdHashBits = 30;
inline constexpr unsigned kMaxIdHashBits = 32;  // of any part: they are kept as u32
inline constexpr unsigned kIdBlockBits = 16;
inline constexpr unsigned kIdHintBits = 5;
// Blocks of a part: an entry's number has 16 bits, and one value says "any".
inline constexpr uint32_t kMaxPartBlocks = (uint32_t{1} << kIdBlockBits) - 2;

// Which rows of a block have the id: those from hint * kHintRows on, 2 * kHintRows of them, so that lines
// near to each other always fit; or any.
inline constexpr uint32_t kAnyRows = (uint32_t{1} << kIdHintBits) - 1;
inline constexpr uint32_t kHintRows = record::kMaxBatchRows / kAnyRows + 1;
constexpr uint32_t RowHint(uint32_t first_row, uint32_t last_row) {
  const uint32_t hint = first_row / kHintRows;
  return last_row / kHintRows <= hint + 1 ? hint : kAnyRows;
}

// hash, block and hint, from the highest bits down: sorted as the index sorts.
using IdEntry = uint64_t;
constexpr IdEntry MakeIdEntry(uint32_t hash, uint32_t block, uint32_t hint) {
  return (uint64_t{hash} << kIdBlockBits | block) << kIdHintBits | hint;
}
constexpr uint32_t TopBits(uint64_t hash64, unsigned bits) {
  return static_cast<uint32_t>(hash64 >> (64 - bits));
}
constexpr uint32_t HashOf(IdEntry entry) {
  return static_cast<uint32_t>(entry >> (kIdBlockBits + kIdHintBits));
}
constexpr uint32_t BlockOf(IdEntry entry) {
  return static_cast<uint32_t>(entry >> kIdHintBits) & ((uint32_t{1} << kIdBlockBits) - 1);
}
constexpr uint32_t HintOf(IdEntry entry) { return static_cast<uint32_t>(entry) & kAnyRows; }
// Of two entries for one block.
constexpr bool SameBlock(IdEntry a, IdEntry b) { return (a >> kIdHintBits) == (b >> kIdHintBits); }

struct IdPageShape {
  uint64_t page = 0;        // its number
  uint32_t first_hash = 0;  // of the page: what the first entry is less by
  unsigned rice_bits = 0;   // below hash_bits
  uint32_t blocks = 0;      // of the part; this number says "any". At most kMaxPartBlocks
  unsigned hash_bits = kIdHashBits;
  bool has_hints = true;  // else every entry's is kAnyRows
};

// REQUIRES: entries sorted, none with a hash below the page's first.
void AppendIdPage(const std::vector<IdEntry>& entries, const IdPageShape& shape, std::string& out);

// Replaces `entries`. DataLoss, without the place, when the page is damaged.
[[nodiscard]] absl::Status ReadIdPage(std::string_view page, const IdPageShape& shape,
                                      std::vector<IdEntry>& entries);
// The same, of the entries with this hash alone; what comes after them is not looked at.
[[nodiscard]] absl::Status FindInIdPage(std::string_view page, const IdPageShape& shape, uint32_t hash,
                                        std::vector<IdEntry>& entries);

}  // namespace taffrail::store
