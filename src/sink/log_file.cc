#include "sink/log_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/env.h"
#include "sink/console_sink.h"

namespace taffrail::sink {
namespace {

constexpr mode_t kFileMode = 0640;  // readable by the group (adm, as in /var/log), never by everyone

bool Lock(const Fd& fd, int operation) {
  return Retry([&] { return flock(fd.get(), operation | LOCK_NB); }) == 0;
}

}  // namespace

absl::StatusOr<LogFile> LogFile::Open(const std::string& path) {
  // Between opening and locking, another process may have renamed the file and begun to compress it.
  constexpr int kAttempts = 16;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    // O_NONBLOCK: a named pipe that nobody reads is an error instead of a wait.
    constexpr int kFlags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    Fd fd(Retry([&] { return open(path.c_str(), kFlags, kFileMode); }));
    if (!fd.valid() && errno == ENOENT) {
      TAFFRAIL_RETURN_IF_ERROR(base::Env::Posix().CreateDirs(base::Dirname(path)));
      fd = Fd(Retry([&] { return open(path.c_str(), kFlags, kFileMode); }));
    }
    if (!fd.valid()) return absl::ErrnoToStatus(errno, "open " + path);
    LogFile file(std::move(fd));
    TAFFRAIL_RETURN_IF_ERROR(file.Refresh());
    if (!file.regular_) return file;
    const bool alone = Lock(file.fd_, LOCK_EX);
    if (!alone && !Lock(file.fd_, LOCK_SH) && errno == EWOULDBLOCK) {
      base::Env::Posix().SleepNs(1'000'000);  // another process is at the same, and soon done
      continue;
    }
    if (!file.IsAt(path)) continue;
    // Where locks do not work (errno is another), we cannot know that the last line is not under way.
    if (alone) TAFFRAIL_RETURN_IF_ERROR(file.EndLastLine(path));
    Lock(file.fd_, LOCK_SH);
    TAFFRAIL_RETURN_IF_ERROR(file.Refresh());
    return file;
  }
  return absl::UnavailableError("open " + path + ": renamed again and again");
}

absl::Status LogFile::EndLastLine(const std::string& path) {
  TAFFRAIL_RETURN_IF_ERROR(Refresh());
  if (size_ == 0) return absl::OkStatus();
  const Fd reader(Retry([&] { return open(path.c_str(), O_RDONLY | O_CLOEXEC); }));
  char last = '\n';  // a file that we may write and not read stays as it is
  if (reader.valid() && pread(reader.get(), &last, 1, static_cast<off_t>(size_ - 1)) != 1) last = '\n';
  return last == '\n' ? absl::OkStatus() : Append("\n");
}

absl::Status LogFile::Append(std::string_view text) {
  const size_t written = WriteAll(fd_.get(), text);
  size_ += written;
  if (written == text.size()) {
    ends_line_ = true;
    return absl::OkStatus();
  }
  const int error = errno;
  if (written > 0) TakeBack(written);
  return absl::ErrnoToStatus(error, "write");
}

void LogFile::TakeBack(size_t written) {
  ends_line_ = false;
  if (!regular_ || !Lock(fd_, LOCK_EX)) return;  // a lock that cannot be converted is lost: close the file
  // The position is behind our last byte. If that is the end of the file too, nobody wrote after us.
  const off_t at = lseek(fd_.get(), 0, SEEK_CUR);
  struct stat info {};
  if (at >= static_cast<off_t>(written) && fstat(fd_.get(), &info) == 0 && info.st_size == at) {
    ends_line_ = ftruncate(fd_.get(), at - static_cast<off_t>(written)) == 0;
    if (ends_line_) size_ = static_cast<uint64_t>(at) - written;
  }
  Lock(fd_, LOCK_SH);
}

bool LogFile::IsAt(const std::string& path) const {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 && info.st_dev == device_ && info.st_ino == inode_;
}

absl::Status LogFile::Refresh() {
  struct stat info {};
  if (fstat(fd_.get(), &info) != 0) return absl::ErrnoToStatus(errno, "stat");
  regular_ = S_ISREG(info.st_mode);
  size_ = static_cast<uint64_t>(info.st_size);
  device_ = info.st_dev;
  inode_ = info.st_ino;
  modified_ns_ = int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec;
  return absl::OkStatus();
}

}  // namespace taffrail::sink
