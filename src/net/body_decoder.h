// Undoes a Content-Encoding (gzip, deflate, zstd) piece by piece, and refuses decompression bombs.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"

namespace taffrail::net {

struct DecodeLimits {
  uint64_t max_decoded_bytes = UINT64_MAX;
  // Decoded bytes per encoded one. Deflate cannot pass 1032; zstd can pass 10 000 on one repeated byte. Log
  // bodies reach 100 at the very most (a line repeated), so 1100 takes every honest body and every legal
  // deflate.
  uint64_t max_ratio = 1100;
  // Below this a ratio says nothing: 4 MiB of blanks in 200 bytes harm nobody.
  uint64_t ratio_applies_after_bytes = 4 << 20;
  // RFC 9659: a zstd Content-Encoding needs no window beyond 8 MiB, so none gets more memory than that.
  int zstd_window_log_max = 23;
};

class BodyDecoder {
 public:
  virtual ~BodyDecoder() = default;

  // The decoder for a Content-Encoding field: "", "identity", "gzip", "x-gzip", "deflate" (zlib or raw, since
  // clients send both), "zstd". Unimplemented (415) for anything else, lists of several codings included.
  static absl::StatusOr<std::unique_ptr<BodyDecoder>> Create(std::string_view content_encoding,
                                                             DecodeLimits limits);

  // Whether what that field names leaves the bytes as they are.
  static bool IsIdentity(std::string_view content_encoding);

  // Consumes a prefix of input (removing it) and appends at most max_output_bytes to out. Call again with
  // what is left of input until it is empty and nothing more came. InvalidArgument when the bytes are not of
  // this encoding (trailing garbage included), ResourceExhausted past a limit.
  [[nodiscard]] virtual absl::Status Decode(std::string_view& input, std::string& out,
                                            size_t max_output_bytes) = 0;
  // At the end of the input: DataLoss when the encoded data stops short.
  [[nodiscard]] virtual absl::Status Finish() = 0;
};

// The whole of an encoded body in memory.
absl::StatusOr<std::string> DecodeBody(std::string_view content_encoding, std::string_view encoded,
                                       DecodeLimits limits);

}  // namespace taffrail::net
