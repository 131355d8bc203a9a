// Env over Linux system calls. Writes are unbuffered: callers batch, because they know what belongs together.
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <system_error>

#include <fmt/format.h>

#include "base/env.h"

namespace taffrail::base {
namespace {

constexpr mode_t kFileMode = 0640;  // logs are readable by the group (adm, as in /var/log), never by everyone
constexpr mode_t kDirMode = 0750;

absl::Status ErrnoStatus(std::string_view what, const std::string& path, int error) {
  std::string message = fmt::format("{} {}: {}", what, path, std::generic_category().message(error));
  switch (error) {
    case ENOENT:
      return absl::NotFoundError(message);
    case EEXIST:
      return absl::AlreadyExistsError(message);
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return absl::ResourceExhaustedError(message);
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::PermissionDeniedError(message);
    case ENOTEMPTY:
      return absl::FailedPreconditionError(message);
    case EINVAL:
    case EISDIR:
    case ENOTDIR:
    case ENAMETOOLONG:
    case ELOOP:
      return absl::InvalidArgumentError(message);
    default:
      return absl::UnavailableError(message);
  }
}

// Repeats a call that a signal interrupted.
template <typename Call>
auto Retry(Call call) {
  decltype(call()) result;
  do {
    result = call();
  } while (result < 0 && errno == EINTR);
  return result;
}

class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() { Close(); }
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  // Not retried on EINTR: Linux has released the number by then, and another thread may own it.
  int Close() { return fd_ < 0 ? 0 : close(std::exchange(fd_, -1)); }

 private:
  int fd_;
};

class PosixWritableFile final : public WritableFile {
 public:
  PosixWritableFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}

  absl::Status Append(std::string_view data) override {
    if (abandoned_) return Abandoned();
    while (!data.empty()) {
      const ssize_t n = Retry([&] { return write(fd_.get(), data.data(), data.size()); });
      if (n < 0) return ErrnoStatus("write", path_, errno);
      data.remove_prefix(static_cast<size_t>(n));
    }
    return absl::OkStatus();
  }

  absl::Status Sync() override {
    if (abandoned_) return Abandoned();
    if (Retry([&] { return fdatasync(fd_.get()); }) == 0) return absl::OkStatus();
    // The kernel marks the dirty pages clean when writing them back failed, so a second fdatasync would say
    // ok about bytes that are gone. Hence a file that failed once never says ok again.
    abandoned_ = true;
    return ErrnoStatus("fdatasync", path_, errno);
  }

  absl::Status Close() override {
    return fd_.Close() == 0 ? absl::OkStatus() : ErrnoStatus("close", path_, errno);
  }

 private:
  absl::Status Abandoned() const {
    return absl::FailedPreconditionError(fmt::format("{}: abandoned after a failed sync", path_));
  }

  const std::string path_;
  Fd fd_;
  bool abandoned_ = false;
};

class PosixRandomAccessFile final : public RandomAccessFile {
 public:
  PosixRandomAccessFile(std::string path, int fd, uint64_t size)
      : path_(std::move(path)), fd_(fd), size_(size) {}

  absl::Status Read(uint64_t offset, size_t size, char* out) const override {
    while (size > 0) {
      const ssize_t n = Retry([&] { return pread(fd_.get(), out, size, static_cast<off_t>(offset)); });
      if (n < 0) return ErrnoStatus("read", path_, errno);
      if (n == 0) {
        return absl::OutOfRangeError(fmt::format("{}: ends before {} more bytes at {}", path_, size, offset));
      }
      out += n;
      offset += static_cast<uint64_t>(n);
      size -= static_cast<size_t>(n);
    }
    return absl::OkStatus();
  }

  void WillRead(uint64_t offset, size_t size) const override {
    posix_fadvise(fd_.get(), static_cast<off_t>(offset), static_cast<off_t>(size), POSIX_FADV_WILLNEED);
  }

  uint64_t size() const override { return size_; }

 private:
  const std::string path_;
  const Fd fd_;
  const uint64_t size_;
};

class PosixFileLock final : public FileLock {
 public:
  explicit PosixFileLock(int fd) : fd_(fd) {}

 private:
  Fd fd_;  // closing it releases the lock, as does the end of the process
};

int64_t ReadClock(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

class PosixEnv final : public Env {
 public:
  absl::StatusOr<std::unique_ptr<WritableFile>> Create(const std::string& path) override {
    return OpenWritable(path, O_TRUNC);
  }
  absl::StatusOr<std::unique_ptr<WritableFile>> OpenAppend(const std::string& path) override {
    return OpenWritable(path, O_APPEND);
  }

  absl::StatusOr<std::unique_ptr<RandomAccessFile>> OpenRead(const std::string& path) override {
    const int fd = Retry([&] { return open(path.c_str(), O_RDONLY | O_CLOEXEC); });
    if (fd < 0) return ErrnoStatus("open", path, errno);
    struct stat info {};
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
      const int error = S_ISDIR(info.st_mode) ? EISDIR : EINVAL;
      close(fd);
      return ErrnoStatus("open", path, error);
    }
    return std::make_unique<PosixRandomAccessFile>(path, fd, static_cast<uint64_t>(info.st_size));
  }

  absl::Status Rename(const std::string& from, const std::string& to) override {
    if (rename(from.c_str(), to.c_str()) == 0) return absl::OkStatus();
    return ErrnoStatus("rename to " + to, from, errno);
  }

  absl::Status Link(const std::string& from, const std::string& to) override {
    if (link(from.c_str(), to.c_str()) == 0) return absl::OkStatus();
    if (errno == EXDEV || errno == EPERM || errno == EOPNOTSUPP || errno == EMLINK) {
      return absl::UnimplementedError(fmt::format("{}: cannot be linked to {}", from, to));
    }
    return ErrnoStatus("link to " + to, from, errno);
  }

  absl::Status Remove(const std::string& path) override {
    return unlink(path.c_str()) == 0 ? absl::OkStatus() : ErrnoStatus("remove", path, errno);
  }

  absl::Status Truncate(const std::string& path, uint64_t size) override {
    const int result = Retry([&] { return truncate(path.c_str(), static_cast<off_t>(size)); });
    return result == 0 ? absl::OkStatus() : ErrnoStatus("truncate", path, errno);
  }

  absl::Status MakePrivate(const std::string& path) override {
    constexpr mode_t kPrivateMode = 0600;
    if (chmod(path.c_str(), kPrivateMode) != 0) return ErrnoStatus("chmod", path, errno);
    return absl::OkStatus();
  }

  absl::Status CreateDirs(const std::string& path) override {
    if (mkdir(path.c_str(), kDirMode) == 0) return SyncDir(Dirname(path));
    if (errno == EEXIST) {
      struct stat info {};
      if (stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) return absl::OkStatus();
      return ErrnoStatus("mkdir", path, EEXIST);
    }
    const std::string parent = Dirname(path);
    if (errno != ENOENT || parent == path) return ErrnoStatus("mkdir", path, errno);
    TAFFRAIL_RETURN_IF_ERROR(CreateDirs(parent));
    if (mkdir(path.c_str(), kDirMode) != 0 && errno != EEXIST) return ErrnoStatus("mkdir", path, errno);
    return SyncDir(parent);
  }

  absl::Status RemoveDir(const std::string& path) override {
    return rmdir(path.c_str()) == 0 ? absl::OkStatus() : ErrnoStatus("rmdir", path, errno);
  }

  absl::Status SyncDir(const std::string& path) override {
    Fd dir(Retry([&] { return open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
    if (!dir.valid()) return ErrnoStatus("open", path, errno);
    if (Retry([&] { return fsync(dir.get()); }) != 0) return ErrnoStatus("fsync", path, errno);
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<std::string>> List(const std::string& path) override {
    std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(path.c_str()), closedir);
    if (dir == nullptr) return ErrnoStatus("open", path, errno);
    std::vector<std::string> names;
    for (errno = 0; const dirent* entry = readdir(dir.get()); errno = 0) {
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    if (errno != 0) return ErrnoStatus("list", path, errno);
    std::sort(names.begin(), names.end());
    return names;
  }

  absl::StatusOr<uint64_t> FileSize(const std::string& path) override {
    struct stat info {};
    if (stat(path.c_str(), &info) != 0) return ErrnoStatus("stat", path, errno);
    return static_cast<uint64_t>(info.st_size);
  }

  bool Exists(const std::string& path) override { return access(path.c_str(), F_OK) == 0; }

  absl::StatusOr<DiskSpace> Space(const std::string& path) override {
    struct statvfs info {};
    if (statvfs(path.c_str(), &info) != 0) return ErrnoStatus("statvfs", path, errno);
    return DiskSpace{.total_bytes = uint64_t{info.f_blocks} * info.f_frsize,
                     .available_bytes = uint64_t{info.f_bavail} * info.f_frsize};
  }

  absl::StatusOr<std::unique_ptr<FileLock>> Lock(const std::string& path) override {
    const int fd = Retry([&] { return open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode); });
    if (fd < 0) return ErrnoStatus("open", path, errno);
    auto lock = std::make_unique<PosixFileLock>(fd);
    char holder[32] = {};  // the holder's process id, written for people who meet the error below
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) return ErrnoStatus("lock", path, errno);
      const ssize_t n = pread(fd, holder, sizeof(holder) - 1, 0);
      return absl::FailedPreconditionError(
          fmt::format("{}: locked by process {}", path, n > 0 ? holder : "unknown"));
    }
    const auto end = fmt::format_to_n(holder, sizeof(holder), "{}", getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, holder, end.size, 0) < 0) {
      // A full disk must not keep the store from opening: the lock holds, only its courtesy text is missing.
    }
    return lock;
  }

  int64_t NowNs() override { return ReadClock(CLOCK_REALTIME); }
  int64_t MonotonicNs() override { return ReadClock(CLOCK_MONOTONIC); }

  void SleepNs(int64_t duration_ns) override {
    if (duration_ns <= 0) return;
    timespec left{.tv_sec = static_cast<time_t>(duration_ns / 1'000'000'000),
                  .tv_nsec = duration_ns % 1'000'000'000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
  }

  void Random(std::span<char> out) override {
    while (!out.empty()) {
      const ssize_t n = getrandom(out.data(), out.size(), 0);
      if (n < 0 && errno != EINTR) std::abort();  // keys from a bad generator would be worse than no process
      if (n > 0) out = out.subspan(static_cast<size_t>(n));
    }
  }

 private:
  static absl::StatusOr<std::unique_ptr<WritableFile>> OpenWritable(const std::string& path, int flags) {
    const int fd =
        Retry([&] { return open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, kFileMode); });
    if (fd < 0) return ErrnoStatus("open", path, errno);
    return std::make_unique<PosixWritableFile>(path, fd);
  }
};

}  // namespace

Env& Env::Posix() {
  static auto* const env = new PosixEnv;  // never destroyed: threads may still use it while the process exits
  return *env;
}

}  // namespace taffrail::base
