#include "store/word_filter.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "base/bytes.h"
#include "base/hash.h"

namespace taffrail::store {
namespace {

constexpr size_t kBucketWords = 8;
constexpr size_t kBucketBytes = kBucketWords * sizeof(uint32_t);
constexpr uint64_t kPageBuckets = 128;
constexpr uint64_t kPageBytes = kPageBuckets * kBucketBytes + sizeof(uint64_t);

// Odd multipliers, one a word, so that the eight bits of an id are independent: the top five bits of hash *
// salt.
constexpr uint32_t kSalts[kBucketWords] = {0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f,
                                           0x165667b1, 0xd3a2646d, 0xfd7046c5, 0xb55a4f09};

uint32_t BitOf(uint64_t hash, size_t word) {
  return uint32_t{1} << ((static_cast<uint32_t>(hash) * kSalts[word]) >> 27);
}

uint64_t BucketOf(uint64_t hash, uint64_t buckets) { return ((hash >> 32) * buckets) >> 32; }

}  // namespace

WordProbe::WordProbe(std::string_view folded_id, uint64_t buckets) : hash(base::Hash64(folded_id)) {
  assert(buckets > 0);
  const uint64_t in_filter = BucketOf(hash, buckets);
  page = in_filter / kPageBuckets;
  offset = page * kPageBytes;
  bucket = in_filter % kPageBuckets;
  size_bytes = std::min(kPageBuckets, buckets - page * kPageBuckets) * kBucketBytes + sizeof(uint64_t);
}

absl::StatusOr<bool> WordProbe::Test(std::string_view page_bytes) const {
  assert(page_bytes.size() == size_bytes);
  base::ByteReader reader(page_bytes);
  const std::string_view buckets = reader.Bytes(size_bytes - sizeof(uint64_t));
  if (reader.Fixed<uint64_t>() != base::Hash64(buckets, page)) {
    return absl::DataLossError("word filter page has a wrong checksum");
  }
  uint32_t words[kBucketWords];
  std::memcpy(words, buckets.data() + bucket * kBucketBytes, kBucketBytes);
  for (size_t i = 0; i < kBucketWords; ++i) {
    if ((words[i] & BitOf(hash, i)) == 0) return false;
  }
  return true;
}

uint64_t WordFilterBytes(uint64_t buckets) {
  const uint64_t pages = (buckets + kPageBuckets - 1) / kPageBuckets;
  return buckets * kBucketBytes + pages * sizeof(uint64_t);
}

absl::Status CheckWordFilter(std::string_view filter, uint64_t buckets) {
  assert(filter.size() == WordFilterBytes(buckets));
  base::ByteReader reader(filter);
  for (uint64_t first = 0, page = 0; first < buckets; first += kPageBuckets, ++page) {
    const std::string_view bytes = reader.Bytes(std::min(kPageBuckets, buckets - first) * kBucketBytes);
    if (reader.Fixed<uint64_t>() != base::Hash64(bytes, page)) {
      return absl::DataLossError("word filter page has a wrong checksum");
    }
  }
  return absl::OkStatus();
}

}  // namespace taffrail::store
