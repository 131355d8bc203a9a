#include "net/body_decoder.h"

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <limits>

#include "net/headers.h"
#include "net/problem.h"

namespace taffrail::net {
namespace {

// Counts what goes in and comes out around a codec, and stops it at the limits.
class LimitedDecoder : public BodyDecoder {
 public:
  explicit LimitedDecoder(DecodeLimits limits) : limits_(limits) {}

  absl::Status Decode(std::string_view& input, std::string& out, size_t max_output_bytes) final {
    const size_t input_before = input.size();
    const size_t out_before = out.size();
    TAFFRAIL_RETURN_IF_ERROR(Step(input, out, max_output_bytes));
    encoded_bytes_ += input_before - input.size();
    decoded_bytes_ += out.size() - out_before;
    if (decoded_bytes_ > limits_.max_decoded_bytes) {
      return WithHttpStatus(absl::ResourceExhaustedError(fmt::format(
                                "the decoded body is longer than {} bytes", limits_.max_decoded_bytes)),
                            413);
    }
    if (decoded_bytes_ > limits_.ratio_applies_after_bytes &&
        decoded_bytes_ / limits_.max_ratio > encoded_bytes_) {
      return WithHttpStatus(
          absl::ResourceExhaustedError(
              fmt::format("the body decodes to more than {} times its size: taken for a decompression bomb",
                          limits_.max_ratio)),
          413);
    }
    return absl::OkStatus();
  }

 protected:
  uint64_t encoded_bytes() const { return encoded_bytes_; }

 private:
  virtual absl::Status Step(std::string_view& input, std::string& out, size_t max_output_bytes) = 0;

  const DecodeLimits limits_;
  uint64_t encoded_bytes_ = 0;
  uint64_t decoded_bytes_ = 0;
};

class IdentityDecoder final : public LimitedDecoder {
 public:
  using LimitedDecoder::LimitedDecoder;
  absl::Status Finish() override { return absl::OkStatus(); }

 private:
  absl::Status Step(std::string_view& input, std::string& out, size_t max_output_bytes) override {
    const size_t size = std::min(input.size(), max_output_bytes);
    out.append(input.substr(0, size));
    input.remove_prefix(size);
    return absl::OkStatus();
  }
};

// gzip, which may be several members in a row (RFC 1952 §2.2), and deflate, which is zlib by the standard
// (RFC 9110 §8.4.1.2) and raw by the habit of some clients. A zlib stream begins with 0x?8; a raw one so
// beginning would be a stored block with padding bits set, which no encoder writes: the first byte tells them
// apart.
class ZlibDecoder final : public LimitedDecoder {
 public:
  enum class Format { kGzip, kDeflate };

  ZlibDecoder(Format format, DecodeLimits limits) : LimitedDecoder(limits), format_(format) {}
  ~ZlibDecoder() override {
    if (initialized_) inflateEnd(&stream_);
  }
  ZlibDecoder(const ZlibDecoder&) = delete;
  ZlibDecoder& operator=(const ZlibDecoder&) = delete;

  absl::Status Finish() override {
    if (initialized_ && member_ended_) return absl::OkStatus();
    return absl::DataLossError(
        fmt::format("the {} body stops short after {} bytes: its end is missing", name(), encoded_bytes()));
  }

 private:
  std::string_view name() const { return format_ == Format::kGzip ? "gzip" : "deflate"; }

  absl::Status Initialize(char first) {
    const int gzip_bits = 15 + 16;  // the largest window, gzip wrapper
    const int zlib_bits = (first & 0x0f) == 8 ? 15 : -15;
    if (inflateInit2(&stream_, format_ == Format::kGzip ? gzip_bits : zlib_bits) != Z_OK) {
      return absl::InternalError("zlib cannot be initialized");
    }
    initialized_ = true;
    return absl::OkStatus();
  }

  absl::Status Step(std::string_view& input, std::string& out, size_t max_output_bytes) override {
    if (!initialized_) {
      if (input.empty()) return absl::OkStatus();
      TAFFRAIL_RETURN_IF_ERROR(Initialize(input.front()));
    }
    const size_t out_before = out.size();
    out.resize(out_before + max_output_bytes);
    absl::Status status;
    while (status.ok() && produced_ < max_output_bytes) {
      if (member_ended_) {
        if (input.empty()) break;
        status = NextMember(input);
        continue;
      }
      const size_t produced_before = produced_;
      const size_t input_before = input.size();
      status = Inflate(input, out.data() + out_before + produced_, max_output_bytes - produced_);
      if (produced_ == produced_before && input.size() == input_before) break;  // needs more input
    }
    out.resize(out_before + produced_);
    produced_ = 0;
    return status;
  }

  absl::Status NextMember(std::string_view input) {
    if (format_ != Format::kGzip || input.front() != '\x1f') {
      return absl::InvalidArgumentError(fmt::format("the {} body has bytes after its end", name()));
    }
    inflateReset(&stream_);
    member_ended_ = false;
    return absl::OkStatus();
  }

  absl::Status Inflate(std::string_view& input, char* out, size_t out_size) {
    constexpr size_t kMax = std::numeric_limits<uInt>::max();
    const auto in_size = static_cast<uInt>(std::min(input.size(), kMax));
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream_.avail_in = in_size;
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = static_cast<uInt>(std::min(out_size, kMax));
    const uInt avail_out = stream_.avail_out;
    const int result = inflate(&stream_, Z_NO_FLUSH);
    input.remove_prefix(in_size - stream_.avail_in);
    produced_ += avail_out - stream_.avail_out;
    if (result == Z_STREAM_END) {
      member_ended_ = true;
    } else if (result != Z_OK && result != Z_BUF_ERROR) {  // Z_BUF_ERROR: no progress possible, not an error
      return absl::InvalidArgumentError(fmt::format("the body is not valid {}: {}", name(),
                                                    stream_.msg != nullptr ? stream_.msg : "damaged data"));
    }
    return absl::OkStatus();
  }

  const Format format_;
  z_stream stream_{};
  size_t produced_ = 0;  // by this Step
  bool initialized_ = false;
  bool member_ended_ = false;
};

// One or more zstd frames in a row (RFC 8878).
class ZstdDecoder final : public LimitedDecoder {
 public:
  explicit ZstdDecoder(DecodeLimits limits) : LimitedDecoder(limits), context_(ZSTD_createDCtx()) {
    ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, limits.zstd_window_log_max);
  }

  absl::Status Finish() override {
    if (frame_ended_) return absl::OkStatus();
    return absl::DataLossError(
        fmt::format("the zstd body stops short after {} bytes: its end is missing", encoded_bytes()));
  }

 private:
  absl::Status Step(std::string_view& input, std::string& out, size_t max_output_bytes) override {
    const size_t out_before = out.size();
    out.resize(out_before + max_output_bytes);
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer to{out.data() + out_before, max_output_bytes, 0};
    absl::Status status;
    while (to.pos < to.size && (in.pos < in.size || !frame_ended_)) {
      const size_t in_before = in.pos;
      const size_t to_before = to.pos;
      const size_t result = ZSTD_decompressStream(context_.get(), &to, &in);
      if (ZSTD_isError(result)) {
        status = absl::InvalidArgumentError(
            fmt::format("the body is not valid zstd: {}", ZSTD_getErrorName(result)));
        break;
      }
      if (in.pos == in_before && to.pos == to_before) break;  // needs more input
      frame_ended_ = result == 0;
    }
    input.remove_prefix(in.pos);
    out.resize(out_before + to.pos);
    return status;
  }

  struct FreeContext {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  std::unique_ptr<ZSTD_DCtx, FreeContext> context_;
  bool frame_ended_ = false;
};

}  // namespace

bool BodyDecoder::IsIdentity(std::string_view content_encoding) {
  // snappy names a block format without pieces, which the protocols that use it (Prometheus, Loki) undo
  // themselves.
  return content_encoding.empty() || EqualsIgnoringCase(content_encoding, "identity") ||
         EqualsIgnoringCase(content_encoding, "snappy");
}

absl::StatusOr<std::unique_ptr<BodyDecoder>> BodyDecoder::Create(std::string_view content_encoding,
                                                                 DecodeLimits limits) {
  const auto is = [&](std::string_view name) { return EqualsIgnoringCase(content_encoding, name); };
  if (IsIdentity(content_encoding)) return std::make_unique<IdentityDecoder>(limits);
  if (is("gzip") || is("x-gzip")) return std::make_unique<ZlibDecoder>(ZlibDecoder::Format::kGzip, limits);
  if (is("deflate")) return std::make_unique<ZlibDecoder>(ZlibDecoder::Format::kDeflate, limits);
  if (is("zstd")) return std::make_unique<ZstdDecoder>(limits);
  return WithHttpStatus(
      absl::UnimplementedError(
          fmt::format("the Content-Encoding '{}' is not known here; gzip, deflate, zstd and identity are",
                      content_encoding)),
      415);
}

absl::StatusOr<std::string> DecodeBody(std::string_view content_encoding, std::string_view encoded,
                                       DecodeLimits limits) {
  constexpr size_t kStepBytes = 256 << 10;
  TAFFRAIL_ASSIGN_OR_RETURN(const std::unique_ptr<BodyDecoder> decoder,
                            BodyDecoder::Create(content_encoding, limits));
  std::string out;
  while (true) {
    const size_t before = out.size();
    const size_t input_before = encoded.size();
    TAFFRAIL_RETURN_IF_ERROR(decoder->Decode(encoded, out, kStepBytes));
    if (out.size() == before && encoded.size() == input_before) break;
  }
  TAFFRAIL_RETURN_IF_ERROR(decoder->Finish());
  return out;
}

}  // namespace taffrail::net
