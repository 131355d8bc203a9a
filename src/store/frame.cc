#include "store/frame.h"

#include <cassert>

#include "base/bytes.h"
#include "base/compression.h"
#include "base/hash.h"

namespace taffrail::store {
namespace {

struct Header {
  Codec codec;
  uint32_t raw_size;
  uint32_t stored_size;
  uint64_t checksum;
};

uint64_t Seed(Codec codec, uint32_t raw_size, uint32_t stored_size) {
  return (uint64_t{raw_size} << 32 | stored_size) * 0x9e3779b97f4a7c15 + static_cast<uint64_t>(codec);
}

// The header and, in `stored`, the payload that it describes.
absl::Status Parse(std::string_view data, Header& header, std::string_view& stored) {
  base::ByteReader reader(data);
  const auto codec = reader.Fixed<uint8_t>();
  header.raw_size = reader.Fixed<uint32_t>();
  header.stored_size = reader.Fixed<uint32_t>();
  header.checksum = reader.Fixed<uint64_t>();
  stored = reader.Bytes(header.stored_size);
  if (!reader.ok()) return absl::DataLossError("frame is cut short");
  header.codec = static_cast<Codec>(codec);
  if (base::Hash64(stored, Seed(header.codec, header.raw_size, header.stored_size)) != header.checksum) {
    return absl::DataLossError("frame has a wrong checksum");
  }
  const bool known = header.codec == Codec::kRaw || header.codec == Codec::kZstd;
  if (!known || header.raw_size > kMaxFrameBytes) return absl::DataLossError("frame header makes no sense");
  return absl::OkStatus();
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
  const std::string_view stored = std::string_view(out).substr(start + kFrameHeaderBytes);
  const auto raw_size = static_cast<uint32_t>(raw.size());
  const auto stored_size = static_cast<uint32_t>(stored.size());
  const uint64_t checksum = base::Hash64(stored, Seed(codec, raw_size, stored_size));
  char* header = out.data() + start;
  header[0] = static_cast<char>(codec);
  std::memcpy(header + 1, &raw_size, sizeof(raw_size));
  std::memcpy(header + 5, &stored_size, sizeof(stored_size));
  std::memcpy(header + 9, &checksum, sizeof(checksum));
}

absl::Status ReadFrame(std::string_view data, std::string& raw, size_t* frame_bytes) {
  Header header;
  std::string_view stored;
  TAFFRAIL_RETURN_IF_ERROR(Parse(data, header, stored));
  const size_t before = raw.size();
  if (header.codec == Codec::kRaw) {
    raw.append(stored);
  } else if (!base::ZstdDecompress(stored, header.raw_size, raw).ok()) {
    return absl::DataLossError("frame does not decompress");
  }
  if (raw.size() - before != header.raw_size) return absl::DataLossError("frame has a wrong size");
  *frame_bytes = kFrameHeaderBytes + header.stored_size;
  return absl::OkStatus();
}

absl::Status CheckFrame(std::string_view data, size_t* frame_bytes) {
  Header header;
  std::string_view stored;
  TAFFRAIL_RETURN_IF_ERROR(Parse(data, header, stored));
  *frame_bytes = kFrameHeaderBytes + header.stored_size;
  return absl::OkStatus();
}

}  // namespace taffrail::store
