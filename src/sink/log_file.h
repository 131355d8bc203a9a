// A log file that is open for appending, perhaps by several processes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "sink/fd.h"

namespace taffrail::sink {

class LogFile {
 public:
  // Opens or creates the file with its directories, and holds a shared lock on it: whoever gets the exclusive
  // one knows that nobody writes any more. A last line without an end (the machine lost power, or a writer
  // was killed) is ended.
  static absl::StatusOr<LogFile> Open(const std::string& path);

  // One write(2) where the system lets it be one. Whole or not at all: what arrived before an error is taken
  // back, unless another process has the file open too; then ends_line() is false. After an error the file
  // must be opened anew.
  [[nodiscard]] absl::Status Append(std::string_view text);
  // False: the file may end within a line of ours.
  bool ends_line() const { return ends_line_; }

  // The path means this file still.
  bool IsAt(const std::string& path) const;
  // Asks the system; also of what others wrote, and after they truncated it.
  [[nodiscard]] absl::Status Refresh();

  bool regular() const { return regular_; }  // false: a pipe or a device, of which nothing below holds
  uint64_t size() const { return size_; }    // at the last Refresh, and what was appended here since
  uint64_t device() const { return device_; }
  uint64_t inode() const { return inode_; }
  int64_t modified_ns() const { return modified_ns_; }  // at the last Refresh

 private:
  explicit LogFile(Fd fd) : fd_(std::move(fd)) {}
  absl::Status EndLastLine(const std::string& path);
  void TakeBack(size_t written);

  Fd fd_;
  bool regular_ = false;
  bool ends_line_ = true;
  uint64_t size_ = 0;
  uint64_t device_ = 0;
  uint64_t inode_ = 0;
  int64_t modified_ns_ = 0;
};

}  // namespace taffrail::sink
