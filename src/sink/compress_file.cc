#include "sink/compress_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <zlib.h>
#include <zstd.h>

#include <memory>
#include <string_view>
#include <vector>

#include "sink/console_sink.h"
#include "sink/fd.h"

namespace taffrail::sink {
namespace {

constexpr size_t kPieceBytes = size_t{256} << 10;  // large enough that calls cost nothing beside compression

// Compressed bytes in pieces.
class Compressor {
 public:
  virtual ~Compressor() = default;
  // Calls out for what is ready; `last`: the end of the data.
  virtual absl::Status Add(std::string_view data, bool last, int out) = 0;
};

absl::Status Emit(int fd, const std::vector<char>& buffer, size_t size) {
  if (WriteAll(fd, {buffer.data(), size}) == size) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, "write");
}

class GzipCompressor final : public Compressor {
 public:
  GzipCompressor() : buffer_(kPieceBytes) {
    constexpr int kGzipWindow = 15 + 16;  // zlib: the largest window, and gzip's header
    constexpr int kDefaultMemory = 8;
    ok_ = deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, kDefaultMemory,
                       Z_DEFAULT_STRATEGY) == Z_OK;
  }
  ~GzipCompressor() override {
    if (ok_) deflateEnd(&stream_);
  }

  absl::Status Add(std::string_view data, bool last, int out) override {
    if (!ok_) return absl::ResourceExhaustedError("no memory for compression");
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
    stream_.avail_in = static_cast<uInt>(data.size());
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(buffer_.data());
      stream_.avail_out = static_cast<uInt>(buffer_.size());
      deflate(&stream_, last ? Z_FINISH : Z_NO_FLUSH);
      TAFFRAIL_RETURN_IF_ERROR(Emit(out, buffer_, buffer_.size() - stream_.avail_out));
    } while (stream_.avail_out == 0);
    return absl::OkStatus();
  }

 private:
  z_stream stream_{};
  bool ok_ = false;
  std::vector<char> buffer_;
};

class ZstdCompressor final : public Compressor {
 public:
  ZstdCompressor() : context_(ZSTD_createCCtx(), ZSTD_freeCCtx), buffer_(kPieceBytes) {
    if (context_ != nullptr) ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
  }

  absl::Status Add(std::string_view data, bool last, int out) override {
    if (context_ == nullptr) return absl::ResourceExhaustedError("no memory for compression");
    ZSTD_inBuffer in{data.data(), data.size(), 0};
    size_t left = 0;
    do {
      ZSTD_outBuffer to{buffer_.data(), buffer_.size(), 0};
      left = ZSTD_compressStream2(context_.get(), &to, &in, last ? ZSTD_e_end : ZSTD_e_continue);
      if (ZSTD_isError(left) != 0) return absl::InternalError(ZSTD_getErrorName(left));
      TAFFRAIL_RETURN_IF_ERROR(Emit(out, buffer_, to.pos));
    } while (last ? left != 0 : in.pos < in.size);
    return absl::OkStatus();
  }

 private:
  std::unique_ptr<ZSTD_CCtx, size_t (*)(ZSTD_CCtx*)> context_;
  std::vector<char> buffer_;
};

std::unique_ptr<Compressor> MakeCompressor(FileCompression compression) {
  if (compression == FileCompression::kGzip) return std::make_unique<GzipCompressor>();
  return std::make_unique<ZstdCompressor>();
}

}  // namespace

absl::Status CompressFile(int from, const std::string& to, FileCompression compression) {
  struct stat info {};
  if (fstat(from, &info) != 0) return absl::ErrnoToStatus(errno, "stat");
  const Fd out(Retry([&] { return open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640); }));
  if (!out.valid()) return absl::ErrnoToStatus(errno, to);
  const auto compressor = MakeCompressor(compression);
  std::vector<char> piece(kPieceBytes);
  off_t offset = 0;
  for (bool last = false; !last;) {
    const ssize_t size = Retry([&] { return pread(from, piece.data(), piece.size(), offset); });
    if (size < 0) return absl::ErrnoToStatus(errno, "read");
    last = size == 0;
    offset += size;
    TAFFRAIL_RETURN_IF_ERROR(compressor->Add({piece.data(), static_cast<size_t>(size)}, last, out.get()));
  }
  // Whoever may read the lines may read them still, and `ls -l` shows when they were written.
  const timespec times[2] = {info.st_atim, info.st_mtim};
  if (fchmod(out.get(), info.st_mode & 0777) != 0 || futimens(out.get(), times) != 0 ||
      fdatasync(out.get()) != 0)
    return absl::ErrnoToStatus(errno, to);
  return absl::OkStatus();
}

}  // namespace taffrail::sink
