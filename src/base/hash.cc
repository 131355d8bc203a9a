#include "base/hash.h"

#define XXH_INLINE_ALL  // short keys: the call would cost more than the hash
#include <xxhash.h>

namespace taffrail::base {

uint64_t Hash64(std::string_view data) { return XXH3_64bits(data.data(), data.size()); }
uint64_t Hash64(std::string_view data, uint64_t seed) {
  return XXH3_64bits_withSeed(data.data(), data.size(), seed);
}
Hash128 HashTo128(std::string_view data, uint64_t seed) {
  const XXH128_hash_t hash = XXH3_128bits_withSeed(data.data(), data.size(), seed);
  return {hash.low64, hash.high64};
}

}  // namespace taffrail::base
