// The first and last bytes of a part file; part.h draws them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace taffrail::store {

std::string PartHeader(uint64_t id);
std::string PartTrailer(uint64_t id, uint64_t footer_offset, uint32_t footer_bytes);
[[nodiscard]] bool ParsePartTrailer(std::string_view trailer, uint64_t id, uint64_t& footer_offset,
                                    uint32_t& footer_bytes);

}  // namespace taffrail::store
