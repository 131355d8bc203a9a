// Parts of version 1 only: a split-block Bloom filter of the ids (expr/words.h) of each block. Later versions
// have an index of ids (id_index.h).
//
//   filter := page*        page := up to 128 buckets of 32 bytes | u64 XXH3(buckets; seed = page number)
//
// An id sets one bit in each of the eight 32-bit words of one bucket. Asking for an id therefore touches one
// bucket, and pages with a checksum of their own make that one read of 4 KB, whatever the size of the filter:
// a search for one id over thousands of blocks costs thousands of small reads, not gigabytes.
//
// At 12 bits an id one foreign block in about 250 is read in vain.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/status.h"

namespace taffrail::store {

// The part of a filter that decides about one id.
struct WordProbe {
  WordProbe(std::string_view folded_id, uint64_t buckets);

  uint64_t hash;
  uint64_t page;      // number
  uint64_t offset;    // of the page in the filter
  size_t size_bytes;  // of the page
  size_t bucket;      // in the page

  // Whether the block may hold the id. DataLoss when the page is damaged. REQUIRES: page_bytes.size() ==
  // size_bytes.
  absl::StatusOr<bool> Test(std::string_view page_bytes) const;
};

uint64_t WordFilterBytes(uint64_t buckets);
// Checks every page. REQUIRES: filter.size() == WordFilterBytes(buckets).
[[nodiscard]] absl::Status CheckWordFilter(std::string_view filter, uint64_t buckets);

}  // namespace taffrail::store
