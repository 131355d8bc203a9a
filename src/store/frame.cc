#include "store/frame.h"

#include <cassert>
#include <cstring>
#include <vector>

#include "base/bytes.h"
#include "base/compression.h"
#include "base/hash.h"
#include "store/frame_pieces.h"

namespace taffrail::store {
namespace {

uint64_t Seed(Codec codec, uint32_t raw_size, uint32_t stored_size) {
  return (uint64_t{raw_size} << 32 | stored_size) * 0x9e3779b97f4a7c15 + static_cast<uint64_t>(codec);
}

// Writes the header of the frame whose payload is what `out` holds from start + kFrameHeaderBytes on.
void FinishFrame(Codec codec, size_t raw_bytes, size_t start, std::string& out) {
  const std::string_view stored = std::string_view(out).substr(start + kFrameHeaderBytes);
  const auto raw_size = static_cast<uint32_t>(raw_bytes);
  const auto stored_size = static_cast<uint32_t>(stored.size());
  const uint64_t checksum = base::Hash64(stored, Seed(codec, raw_size, stored_size));
  char* header = out.data() + start;
  header[0] = static_cast<char>(codec);
  std::memcpy(header + 1, &raw_size, sizeof(raw_size));
  std::memcpy(header + 5, &stored_size, sizeof(stored_size));
  std::memcpy(header + 9, &checksum, sizeof(checksum));
}

}  // namespace

void AppendFrame(std::string_view raw, int zstd_level, std::string& out) {
  AppendFrame(raw, {}, zstd_level, out);
}

void AppendFrame(std::string_view raw, std::span<const uint32_t> cuts, int zstd_level, std::string& out) {
  assert(raw.size() <= kMaxFrameBytes);
  const size_t start = out.size();
  out.resize(start + kFrameHeaderBytes);
  Codec codec = Codec::kZstd;
  if (!base::ZstdCompress(raw, cuts, zstd_level, out).ok() ||
      out.size() - start - kFrameHeaderBytes >= raw.size()) {
    codec = Codec::kRaw;
    out.resize(start + kFrameHeaderBytes);
    out.append(raw);
  }
  FinishFrame(codec, raw.size(), start, out);
}

void AppendPiecedFrame(std::string_view raw, std::span<const uint32_t> cuts, int zstd_level,
                       size_t piece_bytes, bool is_text, std::string& out) {
  constexpr size_t kPieceCostMost = 64;  // pieces may take so much more: a 64th of the frame
  assert(raw.size() <= kMaxFrameBytes);
  const std::vector<uint32_t> ends = PieceEnds(raw.size(), cuts, piece_bytes);
  if (ends.size() <= 1) return AppendFrame(raw, cuts, zstd_level, out);
  const size_t start = out.size();
  out.resize(start + kFrameHeaderBytes);
  base::PutVarint(out, ends.size());
  std::string body;
  std::vector<uint32_t> inner;
  size_t begin = 0;
  for (const uint32_t end : ends) {
    inner.clear();
    for (const uint32_t cut : cuts) {
      if (cut > begin && cut < end) inner.push_back(cut - static_cast<uint32_t>(begin));
    }
    AppendPiece(raw.substr(begin, end - begin), inner, zstd_level, out, body);
    begin = end;
  }
  out += body;
  FinishFrame(Codec::kPieces, raw.size(), start, out);
  // Texts, and whatever shrinks much, may repeat across pieces: as one they can be a third of the size. Bytes
  // of numbers do not, and are spared the second compression.
  constexpr size_t kShrinksMuch = 3;
  const size_t pieced_bytes = out.size() - start;
  if (!is_text && pieced_bytes * kShrinksMuch > raw.size()) return;
  std::string whole;
  AppendFrame(raw, cuts, zstd_level, whole);
  if (pieced_bytes > whole.size() + whole.size() / kPieceCostMost) out.replace(start, pieced_bytes, whole);
}

absl::Status ParseFrame(std::string_view data, FrameParts& parts) {
  base::ByteReader reader(data);
  const auto codec = reader.Fixed<uint8_t>();
  parts.raw_size = reader.Fixed<uint32_t>();
  const auto stored_size = reader.Fixed<uint32_t>();
  const auto checksum = reader.Fixed<uint64_t>();
  parts.stored = reader.Bytes(stored_size);
  if (!reader.ok()) return absl::DataLossError("frame is cut short");
  parts.codec = static_cast<Codec>(codec);
  parts.frame_bytes = kFrameHeaderBytes + stored_size;
  if (base::Hash64(parts.stored, Seed(parts.codec, parts.raw_size, stored_size)) != checksum) {
    return absl::DataLossError("frame has a wrong checksum");
  }
  if (codec > static_cast<uint8_t>(Codec::kPieces) || parts.raw_size > kMaxFrameBytes) {
    return absl::DataLossError("frame header makes no sense");
  }
  return absl::OkStatus();
}

absl::Status ReadFrame(std::string_view data, std::string& raw, size_t* frame_bytes) {
  FrameParts parts;
  TAFFRAIL_RETURN_IF_ERROR(ParseFrame(data, parts));
  const size_t before = raw.size();
  if (parts.codec == Codec::kRaw) {
    raw.append(parts.stored);
  } else if (parts.codec == Codec::kPieces) {
    FramePieces pieces;
    TAFFRAIL_RETURN_IF_ERROR(pieces.Open(parts));
    raw.resize(before + parts.raw_size);
    TAFFRAIL_RETURN_IF_ERROR(pieces.ReadAll(raw.data() + before));
  } else if (!base::ZstdDecompress(parts.stored, parts.raw_size, raw).ok()) {
    return absl::DataLossError("frame does not decompress");
  }
  if (raw.size() - before != parts.raw_size) return absl::DataLossError("frame has a wrong size");
  *frame_bytes = parts.frame_bytes;
  return absl::OkStatus();
}

absl::Status CheckFrame(std::string_view data, size_t* frame_bytes) {
  FrameParts parts;
  TAFFRAIL_RETURN_IF_ERROR(ParseFrame(data, parts));
  *frame_bytes = parts.frame_bytes;
  return absl::OkStatus();
}

}  // namespace taffrail::store
