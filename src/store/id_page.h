// A page of an id index: about a thousand entries, read by one probe.
//
//   page := u32 entries | bits | u64 XXH3(all before; seed = number of the page) docs/format/part.md
//
// The bits are written from the lowest of each byte up. Each entry is
//
//   the hash, less the one before it in the page (the first: less the page's first): a Rice code: quotient by
//   2^rice_bits as that many ones and a zero, then rice_bits bits of remainder
//   the block: a number from 0 to the number of blocks, in truncated binary; the last one says "any block"
//
// Sorted 28-bit hashes differ by little, so that an entry of a part of 5 million lines takes about 16 bits,
// with the block that it names: no more than a Bloom filter, which would have to be asked for each block.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace taffrail::store {

// Of XXH3(id), the top ones. A part has at most 2^27 entries (merge_policy.h): among a hundred million lines
// an id is taken for another one in one of five probes, which costs reading one block in vain.
inline constexpr unsigned kIdHashBits = 28;
inline constexpr unsigned kIdBlockBits = 16;
// Blocks of a part: an entry's number has 16 bits, and one value says "any".
inline constexpr uint32_t kMaxPartBlocks = (uint32_t{1} << kIdBlockBits) - 2;

// (hash << kIdBlockBits) + block: sorted as the index sorts.
using IdEntry = uint64_t;
constexpr IdEntry MakeIdEntry(uint64_t hash64, uint32_t block) {
  return (hash64 >> (64 - kIdHashBits)) << kIdBlockBits | block;
}
constexpr uint32_t HashOf(IdEntry entry) { return static_cast<uint32_t>(entry >> kIdBlockBits); }
constexpr uint32_t BlockOf(IdEntry entry) { return entry & ((uint32_t{1} << kIdBlockBits) - 1); }

struct IdPageShape {
  uint64_t page = 0;        // its number
  uint32_t first_hash = 0;  // of the page: what the first entry is less by
  unsigned rice_bits = 0;   // at most kIdHashBits
  uint32_t blocks = 0;      // of the part; this number says "any". At most kMaxPartBlocks
};

// REQUIRES: entries sorted, none with a hash below the page's first.
void AppendIdPage(const std::vector<IdEntry>& entries, const IdPageShape& shape, std::string& out);

// Replaces `entries`. DataLoss, without the place, when the page is damaged.
[[nodiscard]] absl::Status ReadIdPage(std::string_view page, const IdPageShape& shape,
                                      std::vector<IdEntry>& entries);

}  // namespace taffrail::store
