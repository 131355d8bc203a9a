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
  const size_t start = out.size();
  out.resize(start + ZSTD_compressBound(data.size()));
  const size_t n = ZSTD_compressCCtx(Compressor(), out.data() + start, out.size() - start, data.data(),
                                     data.size(), level);
  out.resize(start + (ZSTD_isError(n) ? 0 : n));
  if (!ZSTD_isError(n)) return absl::OkStatus();
  return absl::InternalError(fmt::format("zstd: {}", ZSTD_getErrorName(n)));
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
