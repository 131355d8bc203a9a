#include "ingest/file_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "fmt/format.h"
#include "net/body_decoder.h"

namespace taffrail::ingest {
namespace {

// Large enough that a system call and a decoder's call are lost in it, small enough to stay in the cache.
constexpr size_t kReadBytes = size_t{256} << 10;

// `zstd --long` writes windows of 128 MiB, and its own reader takes no larger ones unless told to.
constexpr int kLongWindowLog = 27;

// The file's own bytes.
class Bytes {
 public:
  virtual ~Bytes() = default;
  virtual absl::StatusOr<bool> Next(std::string& chunk) = 0;
  virtual uint64_t total() const = 0;
};

class FileBytes final : public Bytes {
 public:
  explicit FileBytes(std::unique_ptr<base::RandomAccessFile> file) : file_(std::move(file)) {}

  absl::StatusOr<bool> Next(std::string& chunk) override {
    const auto size = static_cast<size_t>(std::min<uint64_t>(kReadBytes, file_->size() - offset_));
    chunk.resize(size);
    if (size == 0) return false;
    TAFFRAIL_RETURN_IF_ERROR(file_->Read(offset_, size, chunk.data()));
    offset_ += size;
    return true;
  }
  uint64_t total() const override { return file_->size(); }

 private:
  std::unique_ptr<base::RandomAccessFile> file_;
  uint64_t offset_ = 0;
};

// What can only be read once, from its beginning: standard input, a named pipe, a shell's <(command).
class PipeBytes final : public Bytes {
 public:
  explicit PipeBytes(int fd) : fd_(fd) {}
  ~PipeBytes() override {
    if (fd_ != STDIN_FILENO) close(fd_);
  }
  PipeBytes(const PipeBytes&) = delete;
  PipeBytes& operator=(const PipeBytes&) = delete;

  absl::StatusOr<bool> Next(std::string& chunk) override {
    chunk.resize(kReadBytes);
    ssize_t size = 0;
    do {
      size = read(fd_, chunk.data(), chunk.size());
    } while (size < 0 && errno == EINTR);
    if (size < 0) return absl::UnavailableError(std::strerror(errno));
    chunk.resize(static_cast<size_t>(size));
    return size > 0;
  }
  uint64_t total() const override { return 0; }

 private:
  const int fd_;
};

bool IsPipe(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 && (S_ISFIFO(info.st_mode) || S_ISCHR(info.st_mode));
}

absl::StatusOr<std::unique_ptr<Bytes>> OpenBytes(base::Env& env, const std::string& path) {
  if (path == "-") return std::make_unique<PipeBytes>(STDIN_FILENO);
  if (IsPipe(path)) {
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return absl::UnavailableError(fmt::format("{}: {}", path, std::strerror(errno)));
    return std::make_unique<PipeBytes>(fd);
  }
  TAFFRAIL_ASSIGN_OR_RETURN(std::unique_ptr<base::RandomAccessFile> file, env.OpenRead(path));
  return std::make_unique<FileBytes>(std::move(file));
}

std::string_view EncodingOf(std::string_view first) {
  if (first.starts_with("\x1f\x8b")) return "gzip";
  if (first.starts_with("\x28\xb5\x2f\xfd")) return "zstd";
  return "";
}

class DecodingReader final : public FileReader {
 public:
  DecodingReader(std::string name, std::unique_ptr<Bytes> bytes)
      : name_(std::move(name)), bytes_(std::move(bytes)) {}

  // Looks at the first bytes and chooses the decoder. A pipe may give fewer than a magic number at once.
  absl::Status Start() {
    while (encoded_.size() < 4) {
      std::string chunk;
      TAFFRAIL_ASSIGN_OR_RETURN(const bool more, bytes_->Next(chunk));
      if (!more) break;
      encoded_ += chunk;
    }
    read_ = encoded_.size();
    rest_ = encoded_;
    // No limits: what a bomb could fill is bounded by reading it piece by piece, and whoever named the file
    // wants it.
    TAFFRAIL_ASSIGN_OR_RETURN(
        decoder_, net::BodyDecoder::Create(EncodingOf(encoded_),
                                           {.max_ratio = UINT64_MAX, .zstd_window_log_max = kLongWindowLog}));
    return absl::OkStatus();
  }

  absl::StatusOr<bool> Next(std::string& chunk) override {
    chunk.clear();
    if (!status_.ok()) return status_;
    while (chunk.empty() && !ended_) status_ = Step(chunk);
    if (!chunk.empty()) return true;  // an error waits until what came before it is taken
    if (!status_.ok()) return status_;
    return false;
  }

  uint64_t bytes_read() const override { return read_ - rest_.size(); }
  uint64_t bytes_total() const override { return bytes_->total(); }

 private:
  absl::Status Step(std::string& chunk) {
    const size_t before = rest_.size();
    absl::Status status = decoder_->Decode(rest_, chunk, kReadBytes);
    if (status.ok() && chunk.empty() && rest_.size() == before) status = Refill();
    if (!status.ok()) ended_ = true;
    return Named(status);
  }

  // More of the file for the decoder, or its end.
  absl::Status Refill() {
    std::string more;
    TAFFRAIL_ASSIGN_OR_RETURN(const bool any, bytes_->Next(more));
    if (!any) {
      ended_ = true;
      return read_ == 0 ? absl::OkStatus() : decoder_->Finish();
    }
    read_ += more.size();
    more.insert(0, rest_);
    encoded_ = std::move(more);
    rest_ = encoded_;
    return absl::OkStatus();
  }

  absl::Status Named(const absl::Status& status) const {
    if (status.ok()) return status;
    return absl::Status(status.code(), fmt::format("{}: {}", name_, std::string(status.message())));
  }

  const std::string name_;
  const std::unique_ptr<Bytes> bytes_;
  std::unique_ptr<net::BodyDecoder> decoder_;
  std::string encoded_;    // the piece of the file being decoded
  std::string_view rest_;  // of it
  uint64_t read_ = 0;
  bool ended_ = false;
  absl::Status status_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<FileReader>> FileReader::Open(base::Env& env, const std::string& path) {
  TAFFRAIL_ASSIGN_OR_RETURN(std::unique_ptr<Bytes> bytes, OpenBytes(env, path));
  auto reader = std::make_unique<DecodingReader>(path == "-" ? "standard input" : path, std::move(bytes));
  TAFFRAIL_RETURN_IF_ERROR(reader->Start());
  return reader;
}

}  // namespace taffrail::ingest
