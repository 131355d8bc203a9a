// XXH3 (github.com/Cyan4973/xxHash, stable since 0.8.0), used for checksums, filters and hash tables alike.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace taffrail::base {

uint64_t Hash64(std::string_view data);
uint64_t Hash64(std::string_view data, uint64_t seed);
inline uint32_t Checksum32(std::string_view data) { return static_cast<uint32_t>(Hash64(data)); }

// For absl::flat_hash_map<std::string, V, StringHash, std::equal_to<>>: looks up by std::string_view without
// a copy. (Debian's Abseil has its own string_view, so its default hash does not accept the standard one.)
struct StringHash {
  using is_transparent = void;
  size_t operator()(std::string_view s) const { return Hash64(s); }
};

}  // namespace taffrail::base
