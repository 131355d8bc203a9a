#include "sink/file_sink.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cstdio>
#include <utility>

#include "sink/fd.h"
#include "sink/janitor.h"
#include "sink/rename_new.h"

namespace taffrail::sink {
namespace {

constexpr int64_t kNsPerMs = 1'000'000;
// A directory that may not be changed stays so for a while: until then lines go on into the file that is.
constexpr int64_t kRotationAgainNs = 10'000 * kNsPerMs;

}  // namespace

FileSink::FileSink(std::string path, FileOptions options, base::Env& env)
    : path_(std::move(path)),
      options_(options),
      names_(path_, options.local_time),
      env_(env),
      reopened_(reopen_requests()) {}

bool FileSink::write(const Batch& batch) {
  absl::Status status = std::exchange(prepared_, false) ? absl::OkStatus() : Prepare(batch.text.size());
  if (status.ok()) status = file_->Append(batch.text);
  if (status.ok()) {
    told_ = false;
    return true;
  }
  // Opened anew with the next batch: whatever is wrong with this one may be right again then.
  torn_ |= file_.has_value() && !file_->ends_line();
  file_.reset();
  if (!std::exchange(told_, true)) Tell("cannot write the log file", status);
  return false;
}

std::optional<FilePosition> FileSink::position(size_t next_bytes) {
  const absl::Status status = Prepare(next_bytes);
  if (!status.ok() || !file_->Refresh().ok() || !file_->regular()) return std::nullopt;
  prepared_ = true;
  return FilePosition{
      .path = path_, .device = file_->device(), .inode = file_->inode(), .offset = file_->size()};
}

absl::Status FileSink::Prepare(size_t next_bytes) {
  if (reopened_ != reopen_requests()) file_.reset();
  if (file_) TAFFRAIL_RETURN_IF_ERROR(CheckName());
  if (!file_) TAFFRAIL_RETURN_IF_ERROR(Open());
  return IsDue(next_bytes) ? Rotate() : absl::OkStatus();
}

absl::Status FileSink::Open() {
  reopened_ = reopen_requests();
  TAFFRAIL_ASSIGN_OR_RETURN(LogFile file, LogFile::Open(path_));
  if (std::exchange(torn_, false)) {
    torn_ = true;  // until the end of the line has been written
    TAFFRAIL_RETURN_IF_ERROR(file.Append("\n"));
    torn_ = false;
  }
  // What an earlier run wrote belongs to the hour or day in which it did.
  const int64_t begun_ns = file.size() > 0 ? file.modified_ns() : env_.NowNs();
  period_end_ns_ = PeriodEnd(options_.period, options_.local_time, begun_ns);
  checked_ns_ = env_.MonotonicNs();
  file_ = std::move(file);
  if (rotates() && file_->regular()) Janitor::Get().Ask(path_, options_);
  return absl::OkStatus();
}

absl::Status FileSink::CheckName() {
  const int64_t now_ns = env_.MonotonicNs();
  if (now_ns - checked_ns_ < options_.check_ms * kNsPerMs) return absl::OkStatus();
  checked_ns_ = now_ns;
  if (!file_->IsAt(path_)) {
    file_.reset();
    return absl::OkStatus();
  }
  return file_->Refresh();
}

bool FileSink::IsDue(size_t next_bytes) {
  if (!rotates() || !file_->regular()) return false;
  const bool too_large = options_.max_bytes != 0 && file_->size() + next_bytes > options_.max_bytes;
  const int64_t now_ns = options_.period == RotationPeriod::kNever ? 0 : env_.NowNs();
  const bool too_old = now_ns >= period_end_ns_;
  if (!too_large && !too_old) return false;
  if (file_->size() == 0) {  // nothing to keep: the period begins when its first line comes
    period_end_ns_ = PeriodEnd(options_.period, options_.local_time, now_ns);
    return false;
  }
  return rotation_failed_ns_ < 0 || env_.MonotonicNs() - rotation_failed_ns_ >= kRotationAgainNs;
}

absl::Status FileSink::Rotate() {
  // One process rotates. Who does not get the lock goes on, and looks at the name with the next batch.
  const Fd dir(Retry([&] { return open(names_.dir().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (dir.valid() && flock(dir.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    checked_ns_ = env_.MonotonicNs() - options_.check_ms * kNsPerMs;
    return absl::OkStatus();
  }
  if (file_->IsAt(path_)) {  // else another process did it just now
    const int64_t now_ns = env_.NowNs();
    const absl::Status status = RenameToOld(std::min(now_ns, period_end_ns_));
    if (!status.ok()) {
      if (rotation_failed_ns_ < 0) Tell("cannot rotate the log file", status);
      rotation_failed_ns_ = env_.MonotonicNs();
      return absl::OkStatus();  // into the file that is, rather than nowhere
    }
  }
  rotation_failed_ns_ = -1;
  file_.reset();
  return Open();
}

absl::Status FileSink::RenameToOld(int64_t closed_ns) {
  // Two files of one millisecond: the later one is named a little later. So many fit into a second.
  constexpr int kAttempts = 1'000;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const std::string to = base::JoinPath(names_.dir(), names_.Name(closed_ns + attempt * kNsPerMs));
    // Nor may the name be that of a compressed file. When one appears just now, the janitor finds another.
    bool taken = false;
    for (const FileCompression compression : {FileCompression::kGzip, FileCompression::kZstd})
      taken |= base::Env::Posix().Exists(to + std::string(Suffix(compression)));
    if (taken) continue;
    absl::Status status = RenameNew(path_, to);
    if (!absl::IsAlreadyExists(status)) return status;
  }
  return absl::AlreadyExistsError("too many old files of one second");
}

void FileSink::Tell(const char* what, const absl::Status& status) const {
  std::fprintf(stderr, "taffrail: %s %s: %s; trying again\n", what, path_.c_str(),
               std::string(status.message()).c_str());
}

}  // namespace taffrail::sink

namespace taffrail {

std::shared_ptr<Sink> file_sink(std::string path) { return file_sink(std::move(path), FileOptions{}); }

std::shared_ptr<Sink> file_sink(std::string path, FileOptions options) {
  return std::make_shared<sink::FileSink>(std::move(path), options);
}

std::vector<SinkConfig> category_files(const std::string& dir, const FileOptions& options) {
  std::vector<SinkConfig> sinks;
  for (const Category category :
       {Category::kApp, Category::kAudit, Category::kPerformance, Category::kError, Category::kSecurity}) {
    const std::string path = base::JoinPath(dir, std::string(category_name(category)) + ".log");
    sinks.push_back({.sink = file_sink(path, options), .categories = {category}});
  }
  return sinks;
}

}  // namespace taffrail
