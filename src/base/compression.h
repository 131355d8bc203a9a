// Whole buffers through Zstandard, with contexts kept per thread: making one costs more than compressing a
// block.
//
// Both calls append to `out`, and leave it as it was on an error. Safe from any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/status.h"

namespace taffrail::base {

// One frame that carries its content size. level as zstd's: 1 fast … 19 small, negative faster still.
[[nodiscard]] absl::Status ZstdCompress(std::string_view data, int level, std::string& out);

// The same, told that the kind of bytes changes at the offsets `cuts` (ascending): every stretch of at least
// kMinStretchBytes is coded with statistics of its own. Random planes and dull ones need different
// tables. Any reader of zstd reads the result.
inline constexpr size_t kMinStretchBytes = 2048;
[[nodiscard]] absl::Status ZstdCompress(std::string_view data, std::span<const uint32_t> cuts, int level,
                                        std::string& out);

// All frames in data, one after another. DataLoss when damaged or cut short. InvalidArgument when the content
// is more than limit_bytes: a few kilobytes can hold terabytes of zeros, so a reader must say how much it is
// ready to hold.
[[nodiscard]] absl::Status ZstdDecompress(std::string_view data, uint64_t limit_bytes, std::string& out);

// One frame of exactly `size` bytes of content into out[0, size), which on an error holds anything.
[[nodiscard]] absl::Status ZstdDecompressInto(std::string_view data, char* out, size_t size);

}  // namespace taffrail::base
