#include "cmd/input_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

namespace taffrail::cmd {
namespace {

using std::literals::operator""sv;

absl::Status OpenError(const std::string& path, int error) {
  const std::string message = fmt::format("cannot read {}: {}", path, std::strerror(error));
  if (error == ENOENT) return absl::NotFoundError(message);
  if (error == EACCES) return absl::PermissionDeniedError(message);
  return absl::UnavailableError(message);
}

absl::Status WithName(const std::string& name, const absl::Status& status) {
  const std::string_view text(status.message().data(), status.message().size());
  return absl::DataLossError(fmt::format("{}: {}; the lines before were taken", name, text));
}

}  // namespace

// Files go through read(2) and not through Env: an input may be a pipe or a terminal, which Env does not
// know.
absl::StatusOr<std::unique_ptr<InputFile>> InputFile::Open(const std::string& path) {
  if (path == "-") return std::unique_ptr<InputFile>(new InputFile("stdin", STDIN_FILENO, 0));
  const int file_descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file_descriptor < 0) return OpenError(path, errno);
  struct stat info {};
  if (fstat(file_descriptor, &info) != 0 || S_ISDIR(info.st_mode)) {
    close(file_descriptor);
    return absl::FailedPreconditionError(
        fmt::format("cannot read {}: it is a directory; name files, or use --data for a store", path));
  }
  const uint64_t size_bytes = S_ISREG(info.st_mode) ? static_cast<uint64_t>(info.st_size) : 0;
  posix_fadvise(file_descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
  return std::unique_ptr<InputFile>(new InputFile(path, file_descriptor, size_bytes));
}

InputFile::~InputFile() {
  if (file_descriptor_ != STDIN_FILENO) close(file_descriptor_);
}

absl::Status InputFile::Fill() {
  raw_.resize(kChunkBytes);
  raw_used_ = 0;
  ssize_t size = 0;
  do {
    size = read(file_descriptor_, raw_.data(), raw_.size());
  } while (size < 0 && errno == EINTR);
  if (size < 0) return OpenError(name_, errno);
  raw_.resize(static_cast<size_t>(size));
  read_bytes_ += static_cast<size_t>(size);
  at_end_ = size == 0;
  return absl::OkStatus();
}

absl::Status InputFile::ChooseDecoder() {
  constexpr std::string_view kGzip = "\x1f\x8b"sv;          // RFC 1952 §2.3.1
  constexpr std::string_view kZstd = "\x28\xb5\x2f\xfd"sv;  // RFC 8878 §3.1.1
  started_ = true;
  // A pipe may give a byte at a time; four tell.
  while (!at_end_ && raw_.size() < kZstd.size()) {
    std::string begun = std::move(raw_);
    TAFFRAIL_RETURN_IF_ERROR(Fill());
    raw_.insert(0, begun);
  }
  const std::string_view first(raw_);
  std::string_view encoding;
  if (first.substr(0, kGzip.size()) == kGzip) encoding = "gzip";
  if (first.substr(0, kZstd.size()) == kZstd) encoding = "zstd";
  if (encoding.empty()) return absl::OkStatus();
  net::DecodeLimits limits;
  limits.max_ratio = UINT64_MAX;    // the user's own file, read in constant memory: nothing to defend
  limits.zstd_window_log_max = 27;  // what `zstd -d` takes without being told: files made with --long
  TAFFRAIL_ASSIGN_OR_RETURN(decoder_, net::BodyDecoder::Create(encoding, limits));
  return absl::OkStatus();
}

absl::StatusOr<bool> InputFile::Read(std::string& chunk) {
  if (!started_) TAFFRAIL_RETURN_IF_ERROR(ChooseDecoder());
  chunk.clear();
  for (;;) {
    if (decoder_ != nullptr) {
      std::string_view input = std::string_view(raw_).substr(raw_used_);
      const absl::Status decoded = decoder_->Decode(input, chunk, kChunkBytes);
      if (!decoded.ok()) return WithName(name_, decoded);
      raw_used_ = raw_.size() - input.size();
      if (!chunk.empty()) return true;  // also what the decoder still held after the last input
      if (!input.empty()) continue;
    } else if (!raw_.empty()) {
      std::swap(chunk, raw_);
      raw_.clear();
      return true;
    }
    if (!at_end_) TAFFRAIL_RETURN_IF_ERROR(Fill());
    if (at_end_ && raw_.empty()) {
      if (decoder_ == nullptr) return false;
      const absl::Status finished = std::exchange(decoder_, nullptr)->Finish();
      if (!finished.ok()) return WithName(name_, finished);
      return false;
    }
  }
}

}  // namespace taffrail::cmd
