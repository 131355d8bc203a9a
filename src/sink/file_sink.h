// A log file by its name: opened when needed, rotated when due, found again when somebody else renamed it.
#pragma once

#include <optional>
#include <string>

#include "base/env.h"
#include "sink/log_file.h"
#include "sink/rotation.h"
#include "taffrail/sink_file.h"

namespace taffrail::sink {

class FileSink final : public Sink {
 public:
  // The environment is asked for the time alone.
  FileSink(std::string path, FileOptions options, base::Env& env = base::Env::Posix());

  bool write(const Batch& batch) override;
  bool wants_entries() const override { return false; }
  void reopen() override { file_.reset(); }
  std::optional<FilePosition> position(size_t next_bytes) override;

 private:
  bool rotates() const { return options_.max_bytes != 0 || options_.period != RotationPeriod::kNever; }
  // The file is open, is the one of that name, and takes so many bytes more.
  absl::Status Prepare(size_t next_bytes);
  absl::Status Open();
  // Somebody else renamed, removed or truncated the file: looked for every check_ms.
  absl::Status CheckName();
  bool IsDue(size_t next_bytes);
  absl::Status Rotate();
  absl::Status RenameToOld(int64_t closed_ns);
  void Tell(const char* what, const absl::Status& status) const;

  const std::string path_;
  const FileOptions options_;
  const OldNames names_;
  base::Env& env_;

  std::optional<LogFile> file_;
  bool prepared_ = false;  // by position(), for the write that follows
  bool torn_ = false;      // the file may end within a line
  bool told_ = false;      // that writing fails, on the standard error
  uint64_t reopened_;      // reopen_requests() when the file was opened
  int64_t period_end_ns_ = 0;
  int64_t checked_ns_ = 0;           // monotonic, as the next
  int64_t rotation_failed_ns_ = -1;  // -1: it did not
};

}  // namespace taffrail::sink
