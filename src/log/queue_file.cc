#include "log/queue_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <utility>

namespace taffrail::log {
namespace {

absl::Status Failed(const char* what, const std::string& path, int error) {
  return absl::ErrnoToStatus(error, std::string(what) + " " + path);
}

// Also where the file system knows no fallocate: posix_fallocate then writes to every block.
absl::Status Allocate(int fd, size_t bytes) {
  int error = 0;
  do {
    error = posix_fallocate(fd, 0, static_cast<off_t>(bytes));
  } while (error == EINTR);
  return error == 0 ? absl::OkStatus() : absl::ErrnoToStatus(error, "allocate");
}

}  // namespace

MappedFile::MappedFile(MappedFile&& other) noexcept { *this = std::move(other); }

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) munmap(data_, size_);
}

absl::Status MappedFile::Map(bool populate) {
  void* data =
      mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED | (populate ? MAP_POPULATE : 0), fd_.get(), 0);
  if (data == MAP_FAILED) return absl::ErrnoToStatus(errno, "mmap");
  data_ = static_cast<char*>(data);
  return absl::OkStatus();
}

absl::StatusOr<MappedFile> MappedFile::Create(const std::string& path, size_t bytes) {
  MappedFile file;
  file.fd_ = sink::Fd(sink::Retry(
      [&] { return open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600); }));
  if (!file.fd_.valid()) return Failed("create", path, errno);
  file.size_ = bytes;
  absl::Status status = Allocate(file.fd_.get(), bytes);
  if (status.ok()) status = file.Map(true);
  if (!status.ok()) {
    unlink(path.c_str());
    return status;
  }
  return file;
}

absl::StatusOr<MappedFile> MappedFile::Open(const std::string& path) {
  MappedFile file;
  file.fd_ =
      sink::Fd(sink::Retry([&] { return open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK); }));
  if (!file.fd_.valid()) return Failed("open", path, errno);
  struct stat info {};
  if (fstat(file.fd_.get(), &info) != 0) return Failed("stat", path, errno);
  if (!S_ISREG(info.st_mode) || info.st_size == 0) return absl::DataLossError(path + " is no queue file");
  file.size_ = static_cast<size_t>(info.st_size);
  // A file with holes, which we did not make, must not take the process with it on a full disk.
  TAFFRAIL_RETURN_IF_ERROR(Allocate(file.fd_.get(), file.size_));
  TAFFRAIL_RETURN_IF_ERROR(file.Map(false));
  return file;
}

absl::Status MappedFile::Grow(size_t bytes) {
  if (bytes <= size_) return absl::OkStatus();
  TAFFRAIL_RETURN_IF_ERROR(Allocate(fd_.get(), bytes));
  void* data = mremap(data_, size_, bytes, MREMAP_MAYMOVE);
  if (data == MAP_FAILED) return absl::ErrnoToStatus(errno, "mremap");
  data_ = static_cast<char*>(data);
  size_ = bytes;
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadQueueFile(const std::string& path, size_t bytes_max) {
  const sink::Fd fd(
      sink::Retry([&] { return open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK); }));
  if (!fd.valid()) return Failed("open", path, errno);
  struct stat info {};
  if (fstat(fd.get(), &info) != 0) return Failed("stat", path, errno);
  if (!S_ISREG(info.st_mode)) return absl::DataLossError(path + " is no queue file");
  if (static_cast<uint64_t>(info.st_size) > bytes_max) return absl::DataLossError(path + " is too large");
  std::string bytes(static_cast<size_t>(info.st_size), '\0');
  size_t read = 0;
  while (read < bytes.size()) {
    const ssize_t got = sink::Retry(
        [&] { return pread(fd.get(), bytes.data() + read, bytes.size() - read, static_cast<off_t>(read)); });
    if (got < 0) return Failed("read", path, errno);
    if (got == 0) break;  // somebody cut it meanwhile
    read += static_cast<size_t>(got);
  }
  bytes.resize(read);
  return bytes;
}

}  // namespace taffrail::log
