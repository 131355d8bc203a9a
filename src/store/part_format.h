// The first and last bytes of a part file; part.h draws them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace taffrail::store {

// Version 1 had a filter of ids for each block; version 2 an index of them, which in version 3 says where
// in a block an id is, too, and in version 4 how long its hashes are; and version 3 has frames in pieces. All
// are read.
inline constexpr uint8_t kPartVersion = 4;

std::string PartHeader(uint64_t id);
// The version, 0 when this is no header of the part or of a version that we do not know.
uint8_t ParsePartHeader(std::string_view header, uint64_t id);
std::string PartTrailer(uint64_t id, uint64_t footer_offset, uint32_t footer_bytes);
[[nodiscard]] bool ParsePartTrailer(std::string_view trailer, uint64_t id, uint64_t& footer_offset,
                                    uint32_t& footer_bytes);

}  // namespace taffrail::store
