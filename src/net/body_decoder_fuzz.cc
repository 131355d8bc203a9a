// Any bytes in any chunking: never more than the limits allow, the same outcome as in one piece, and what we
// encode comes back.
#include "net/body_decoder.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "net/codec_for_tests.h"

using namespace taffrail::net;

namespace {

constexpr DecodeLimits kLimits = {
    .max_decoded_bytes = 1 << 20, .max_ratio = 1100, .ratio_applies_after_bytes = 1 << 16};
constexpr size_t kStepBytes = 1000;

void Require(bool condition) {
  if (!condition) std::abort();
}

absl::StatusOr<std::string> DecodeInPieces(const char* encoding, std::string_view encoded,
                                           size_t piece_bytes) {
  auto decoder = BodyDecoder::Create(encoding, kLimits).value();
  std::string out;
  while (!encoded.empty()) {
    std::string_view piece = encoded.substr(0, piece_bytes);
    encoded.remove_prefix(piece.size());
    bool progress = true;
    while (progress) {
      const size_t out_before = out.size();
      const size_t in_before = piece.size();
      TAFFRAIL_RETURN_IF_ERROR(decoder->Decode(piece, out, kStepBytes));
      Require(out.size() - out_before <= kStepBytes);
      Require(out.size() <= kLimits.max_decoded_bytes);
      progress = out.size() != out_before || piece.size() != in_before;
    }
    Require(piece.empty());
  }
  TAFFRAIL_RETURN_IF_ERROR(decoder->Finish());
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const size_t piece_bytes = 1 + data[0] % 31;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  for (const char* encoding : {"gzip", "deflate", "zstd", "identity"}) {
    const auto whole = DecodeBody(encoding, bytes, kLimits);
    const auto pieces = DecodeInPieces(encoding, bytes, piece_bytes);
    Require(whole.ok() == pieces.ok());
    if (whole.ok()) Require(*whole == *pieces);
  }
  if (bytes.size() <= kLimits.max_decoded_bytes) {
    Require(DecodeInPieces("gzip", Gzip(bytes), piece_bytes).value() == bytes);
    Require(DecodeInPieces("deflate", Deflate(bytes, -15), piece_bytes).value() == bytes);
    Require(DecodeInPieces("zstd", Zstd(bytes), piece_bytes).value() == bytes);
  }
  return 0;
}
