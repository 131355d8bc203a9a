// XXH3 (github.com/Cyan4973/xxHash, stable since 0.8.0), used for checksums, filters and hash tables alike.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace taffrail::base {

uint64_t Hash64(std::string_view data);
uint64_t Hash64(std::string_view data, uint64_t seed);
// For sets that stand for the texts themselves: two texts have one hash about once in 10^38.
struct Hash128 {
  uint64_t low = 0;
  uint64_t high = 0;
  friend bool operator==(const Hash128&, const Hash128&) = default;
};
Hash128 HashTo128(std::string_view data, uint64_t seed);
inline uint32_t Checksum32(std::string_view data) { return static_cast<uint32_t>(Hash64(data)); }

// For absl::flat_hash_map<std::string, V, StringHash, std::equal_to<>>: looks up by std::string_view without
// a copy. (Debian's Abseil has its own string_view, so its default hash does not accept the standard one.)
struct StringHash {
  using is_transparent = void;
  size_t operator()(std::string_view s) const { return Hash64(s); }
};

}  // namespace taffrail::base
