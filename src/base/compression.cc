#include "base/compression.h"

#include <zstd.h>

#include <algorithm>
#include <memory>

#include <fmt/format.h>

namespace taffrail::base {
namespace {

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

ZSTD_CCtx* Compressor() {
  thread_local std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
  return context.get();
}

ZSTD_DCtx* Decompressor() {
  thread_local std::unique_ptr<ZSTD_DCtx, FreeContext> context(ZSTD_createDCtx());
  ZSTD_DCtx_reset(context.get(),
                  ZSTD_reset_session_only);  // an earlier error may have left it inside a frame
  return context.get();
}

// Where compressed bytes go before it is known how many they are: at the end of a string the room for the
// worst case would be filled with zeros first. One at a time in a thread.
class Room {
 public:
  explicit Room(size_t bytes) : size_(bytes) {
    thread_local std::unique_ptr<char[]> kept;
    thread_local size_t kept_bytes = 0;
    if (bytes > kKeptBytes) {
      own_ = std::make_unique_for_overwrite<char[]>(bytes);
      data_ = own_.get();
      return;
    }
    if (kept_bytes < bytes) {
      kept = std::make_unique_for_overwrite<char[]>(bytes);
      kept_bytes = bytes;
    }
    data_ = kept.get();
  }
  char* data() const { return data_; }
  size_t size() const { return size_; }

 private:
  static constexpr size_t kKeptBytes = size_t{512} << 10;  // by each thread: a frame of the store fits

  std::unique_ptr<char[]> own_;
  char* data_ = nullptr;
  size_t size_;
};

absl::Status Damaged(std::string_view why) { return absl::DataLossError(fmt::format("zstd: {}", why)); }

absl::Status TooLarge(uint64_t limit_bytes) {
  return absl::InvalidArgumentError(fmt::format("zstd: the content is more than {} bytes", limit_bytes));
}

// What our own writers produce: one frame of known size, decompressed in one call straight into place.
absl::Status DecompressFrame(std::string_view data, uint64_t size, std::string& out) {
  const size_t start = out.size();
  out.resize(start + size);
  const size_t n = ZSTD_decompressDCtx(Decompressor(), out.data() + start, size, data.data(), data.size());
  if (!ZSTD_isError(n) && n == size) return absl::OkStatus();
  out.resize(start);
  return Damaged(ZSTD_isError(n) ? ZSTD_getErrorName(n) : "the content is shorter than its header says");
}

absl::Status DecompressStream(std::string_view data, uint64_t limit_bytes, std::string& out) {
  const size_t start = out.size();
  const auto fail = [&](absl::Status status) {
    out.resize(start);
    return status;
  };
  ZSTD_DCtx* const context = Decompressor();
  ZSTD_inBuffer input{data.data(), data.size(), 0};
  std::string chunk(ZSTD_DStreamOutSize(), '\0');
  size_t hint = 1;    // 0: a frame is complete
  bool full = false;  // the chunk was filled: more may wait inside the context
  while (input.pos < input.size || (full && hint != 0)) {
    ZSTD_outBuffer output{chunk.data(), chunk.size(), 0};
    hint = ZSTD_decompressStream(context, &output, &input);
    if (ZSTD_isError(hint)) return fail(Damaged(ZSTD_getErrorName(hint)));
    if (output.pos > limit_bytes - (out.size() - start)) return fail(TooLarge(limit_bytes));
    out.append(chunk, 0, output.pos);
    full = output.pos == output.size;
  }
  if (hint != 0) return fail(Damaged("cut short"));
  return absl::OkStatus();
}

}  // namespace

absl::Status ZstdCompress(std::string_view data, int level, std::string& out) {
  const Room room(ZSTD_compressBound(data.size()));
  const size_t n = ZSTD_compressCCtx(Compressor(), room.data(), room.size(), data.data(), data.size(), level);
  if (ZSTD_isError(n)) return absl::InternalError(fmt::format("zstd: {}", ZSTD_getErrorName(n)));
  out.append(room.data(), n);
  return absl::OkStatus();
}

absl::Status ZstdCompress(std::string_view data, std::span<const uint32_t> cuts, int level,
                          std::string& out) {
  if (data.size() < 2 * kMinStretchBytes || cuts.empty()) return ZstdCompress(data, level, out);
  ZSTD_CCtx* const context = Compressor();
  ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters);
  ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setPledgedSrcSize(context, data.size());
  constexpr size_t kFlushBytes = 16;  // at most, for ending a block early
  const Room room(ZSTD_compressBound(data.size()) + kFlushBytes * (data.size() / kMinStretchBytes + 1));
  ZSTD_outBuffer output{room.data(), room.size(), 0};
  const auto compress = [&](size_t begin, size_t end, ZSTD_EndDirective directive) {
    ZSTD_inBuffer input{data.data() + begin, end - begin, 0};
    return ZSTD_compressStream2(context, &output, &input, directive);
  };
  size_t begin = 0;
  size_t left = 0;  // what the last call could not do: an error, or bytes that had no room
  for (const uint32_t cut : cuts) {
    if (cut < begin + kMinStretchBytes || data.size() < cut + kMinStretchBytes) continue;
    left = compress(begin, cut, ZSTD_e_flush);
    begin = cut;
    if (left != 0) break;
  }
  if (left == 0) left = compress(begin, data.size(), ZSTD_e_end);
  ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters);
  if (left != 0) {
    return absl::InternalError(
        fmt::format("zstd: {}", ZSTD_isError(left) ? ZSTD_getErrorName(left) : "no room"));
  }
  out.append(room.data(), output.pos);
  return absl::OkStatus();
}

absl::Status ZstdDecompressInto(std::string_view data, char* out, size_t size) {
  const size_t n = ZSTD_decompressDCtx(Decompressor(), out, size, data.data(), data.size());
  if (!ZSTD_isError(n) && n == size) return absl::OkStatus();
  return Damaged(ZSTD_isError(n) ? ZSTD_getErrorName(n) : "the content is shorter than its header says");
}

absl::Status ZstdDecompress(std::string_view data, uint64_t limit_bytes, std::string& out) {
  if (data.empty()) return Damaged("empty");
  const uint64_t size = ZSTD_getFrameContentSize(data.data(), data.size());
  if (size == ZSTD_CONTENTSIZE_ERROR) return Damaged("not a frame");
  if (size != ZSTD_CONTENTSIZE_UNKNOWN && size > limit_bytes) return TooLarge(limit_bytes);
  // The header's size is believed only as far as the bytes behind it could bear it out: a block of at most
  // 128 KiB takes three bytes or more, so a tiny damaged input cannot make us allocate up to the limit.
  constexpr uint64_t kBlockSizeMax = 128 << 10, kBlockHeaderSize = 3;
  const bool believable =
      size != ZSTD_CONTENTSIZE_UNKNOWN && size / kBlockSizeMax <= data.size() / kBlockHeaderSize;
  const bool single = ZSTD_findFrameCompressedSize(data.data(), data.size()) == data.size();
  if (believable && single) return DecompressFrame(data, size, out);
  return DecompressStream(data, limit_bytes, out);
}

}  // namespace taffrail::base
