#include "log/recovery_piece.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <string>

#include "base/env.h"
#include "sink/console_sink.h"
#include "sink/fd.h"

namespace taffrail::log {
namespace {

// What others appended after the piece since. Beyond it the piece is not looked for.
constexpr uint64_t kOthersBytesMax = uint64_t{64} << 20;

bool IsFile(int fd, const DeliveryHead& head) {
  struct stat info {};
  return fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_dev == head.device &&
         info.st_ino == head.inode;
}

sink::Fd OpenLog(const std::string& path, int flags) {
  return sink::Fd(sink::Retry([&] { return open(path.c_str(), flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); }));
}

// The file that the process wrote to, by its name or, after a rotation, by another one in its directory.
sink::Fd OpenByInode(const std::string& path, const DeliveryHead& head) {
  constexpr int kFlags = O_RDWR | O_APPEND;
  sink::Fd fd = OpenLog(path, kFlags);
  if (fd.valid() && IsFile(fd.get(), head)) return fd;
  const std::string dir = base::Dirname(path);
  DIR* const stream = opendir(dir.c_str());
  if (stream == nullptr) return {};
  sink::Fd found;
  for (const dirent* entry = readdir(stream); entry != nullptr && !found.valid(); entry = readdir(stream)) {
    if (entry->d_ino != head.inode) continue;
    fd = OpenLog(base::JoinPath(dir, entry->d_name), kFlags | O_NOFOLLOW);
    if (fd.valid() && IsFile(fd.get(), head)) found = std::move(fd);
  }
  closedir(stream);
  return found;
}

absl::StatusOr<std::string> ReadFrom(const sink::Fd& fd, uint64_t offset, uint64_t bytes_max) {
  std::string bytes;
  struct stat info {};
  if (fstat(fd.get(), &info) != 0) return absl::ErrnoToStatus(errno, "stat");
  const auto size = static_cast<uint64_t>(info.st_size);
  if (size <= offset) return bytes;  // nothing arrived, or the file was cut (copytruncate)
  bytes.resize(std::min(size - offset, bytes_max));
  size_t read = 0;
  while (read < bytes.size()) {
    const ssize_t got = sink::Retry([&] {
      return pread(fd.get(), bytes.data() + read, bytes.size() - read, static_cast<off_t>(offset + read));
    });
    if (got < 0) return absl::ErrnoToStatus(errno, "read");
    if (got == 0) break;
    read += static_cast<size_t>(got);
  }
  bytes.resize(read);
  return bytes;
}

size_t CommonPrefix(std::string_view a, std::string_view b) {
  const size_t size = std::min(a.size(), b.size());
  return static_cast<size_t>(
      std::mismatch(a.begin(), a.begin() + static_cast<ptrdiff_t>(size), b.begin()).first - a.begin());
}

// Up to and with the last newline among the first `size` bytes.
size_t WholeLines(std::string_view text, size_t size) {
  const size_t end = text.substr(0, size).rfind('\n');
  return end == std::string_view::npos ? 0 : end + 1;
}

absl::Status Append(const sink::Fd& fd, std::string_view text) {
  if (sink::WriteAll(fd.get(), text) == text.size()) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, "write");
}

// Where the last line of the file was torn and ended by somebody: takes that end away, so that the rest may
// follow. Only when nobody else has the file open.
bool TakeNewlineBack(const sink::Fd& fd) {
  if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return false;
  struct stat info {};
  const bool taken =
      fstat(fd.get(), &info) == 0 && info.st_size > 0 && ftruncate(fd.get(), info.st_size - 1) == 0;
  flock(fd.get(), LOCK_UN);
  return taken;
}

absl::StatusOr<sink::Fd> OpenFor(const Journal::Piece::Part& part) {
  const std::string path(part.path);
  DeliveryHead& head = *part.head;
  if (head.state.load() == DeliveryHead::kBegun && head.inode != 0) {
    sink::Fd fd = OpenByInode(path, head);
    if (!fd.valid()) return absl::NotFoundError(path + " is not the file of then");
    return fd;
  }
  // Nothing of it has been written yet: the file of that name, from its present end on.
  sink::Fd fd = OpenLog(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW);
  struct stat info {};
  if (!fd.valid() || fstat(fd.get(), &info) != 0) return absl::ErrnoToStatus(errno, "open " + path);
  if (!S_ISREG(info.st_mode)) return absl::NotFoundError(path + " is no file");
  head.device = info.st_dev;
  head.inode = info.st_ino;
  head.offset = static_cast<uint64_t>(info.st_size);
  head.state.store(DeliveryHead::kBegun, std::memory_order_release);
  return fd;
}

}  // namespace

Delivered FindDelivered(std::string_view region, std::string_view text) {
  Delivered best;
  best.at_end = region.empty();
  for (size_t line = 0; line < region.size();) {
    const std::string_view from = region.substr(line);
    const size_t common = CommonPrefix(from, text);
    const bool at_end = common == from.size();
    const bool ended = !at_end && common > 0 && common + 1 == from.size() && from[common] == '\n';
    if (common == text.size()) return {common, at_end, false};
    if (common > 0 && (at_end || ended)) return {common, at_end, ended};
    if (WholeLines(text, common) > best.size) best = {WholeLines(text, common), false, false};
    const size_t end = region.find('\n', line);
    if (end == std::string_view::npos) break;
    line = end + 1;
  }
  if (best.size == 0) best.at_end = region.empty() || region.back() == '\n';
  return best;
}

absl::StatusOr<size_t> DeliveredToFile(const Journal::Piece::Part& part) {
  if (part.head->state.load() != DeliveryHead::kBegun || part.head->inode == 0) return 0;
  const sink::Fd fd = OpenByInode(std::string(part.path), *part.head);
  if (!fd.valid()) return absl::NotFoundError("the file of then is not there");
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string region,
                            ReadFrom(fd, part.head->offset, part.text.size() + kOthersBytesMax));
  return WholeLines(part.text, FindDelivered(region, part.text).size);
}

absl::Status FinishInFile(const Journal::Piece::Part& part) {
  TAFFRAIL_ASSIGN_OR_RETURN(const sink::Fd fd, OpenFor(part));
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string region,
                            ReadFrom(fd, part.head->offset, part.text.size() + kOthersBytesMax));
  Delivered found = FindDelivered(region, part.text);
  if (found.ended && found.size < part.text.size()) found.at_end = TakeNewlineBack(fd);
  if (found.size < part.text.size()) {
    if (!found.at_end) {  // the torn line stays, and comes again as a whole
      found.size = WholeLines(part.text, found.size);
      if (!region.empty() && region.back() != '\n') TAFFRAIL_RETURN_IF_ERROR(Append(fd, "\n"));
    }
    TAFFRAIL_RETURN_IF_ERROR(Append(fd, part.text.substr(found.size)));
  }
  part.head->state.store(DeliveryHead::kDone, std::memory_order_release);
  return absl::OkStatus();
}

}  // namespace taffrail::log
