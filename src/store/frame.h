// A frame: bytes that are compressed together, checked together and read together.
//
//   u8 codec | u32 raw_size | u32 stored_size | u64 checksum | stored_size bytes          docs/format/part.md
//
// A frame in pieces can be decompressed piece by piece, for readers who want a few of its bytes
// (frame_pieces.h); pieces end where the kind of bytes changes, or at about so many bytes.
//
// The checksum is XXH3 of the stored bytes, seeded with the fields before it: a damaged header is found like
// a damaged payload. Blocks of parts, footers, and entries of the WAL are made of frames.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/status.h"

namespace taffrail::store {

enum class Codec : uint8_t { kRaw = 0, kZstd = 1, kPieces = 2 };  // on disk: never reuse a number

inline constexpr size_t kFrameHeaderBytes = 17;
// A batch holds at most 32 MiB before its last value, and that value at most 32 MiB: no honest frame is
// larger. A reader allocates no more on the word of a file.
inline constexpr uint32_t kMaxFrameBytes = uint32_t{160} << 20;

// Compresses `raw` when that makes it smaller and appends the frame to `out`.
// REQUIRES: raw.size() <= kMaxFrameBytes.
void AppendFrame(std::string_view raw, int zstd_level, std::string& out);
// The same when the kind of bytes changes at the places `cuts` (ascending): each stretch that is long enough
// gets symbol tables of its own.
void AppendFrame(std::string_view raw, std::span<const uint32_t> cuts, int zstd_level, std::string& out);

// The same in pieces of about `piece_bytes`, each compressed by itself. A frame that would be one piece has
// none, and neither has one that is smaller as a whole: of texts, or of what repeats.
void AppendPiecedFrame(std::string_view raw, std::span<const uint32_t> cuts, int zstd_level,
                       size_t piece_bytes, bool is_text, std::string& out);

// What the header says, checked, and the payload.
struct FrameParts {
  Codec codec = Codec::kRaw;
  uint32_t raw_size = 0;
  std::string_view stored;
  size_t frame_bytes = 0;
};
[[nodiscard]] absl::Status ParseFrame(std::string_view data, FrameParts& parts);

// Checks and decodes the frame at the start of `data`; frame_bytes gets its whole size. Appends to `raw`.
// DataLoss without file or offset when it is damaged: the caller knows those.
[[nodiscard]] absl::Status ReadFrame(std::string_view data, std::string& raw, size_t* frame_bytes);

// The same without decoding: for copying.
[[nodiscard]] absl::Status CheckFrame(std::string_view data, size_t* frame_bytes);

}  // namespace taffrail::store
