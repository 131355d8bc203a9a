// stdout, buffered, with the two ends it can come to: a reader that has gone away, and a disk that is full.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/status.h"

namespace taffrail::cmd {

// Not thread-safe.
class Output {
 public:
  explicit Output(int file_descriptor) : file_descriptor_(file_descriptor) {}
  ~Output() { (void)Flush(); }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  // False once nobody reads any more (`| head`) or writing failed: the caller stops. status() tells which.
  bool Write(std::string_view text);
  bool Flush();
  // Ok when everything was written, or nobody wanted it; otherwise why it could not be written.
  absl::Status status() const { return status_; }

  // Text may be appended here and is written with the next Write or Flush.
  std::string& buffer() { return buffer_; }

 private:
  // Large enough that the system calls do not show, small enough that `search | less` fills at once.
  static constexpr size_t kFlushBytes = 64 << 10;

  const int file_descriptor_;
  std::string buffer_;
  bool closed_ = false;
  absl::Status status_;
};

// All of a text to stdout: Output's status.
absl::Status WriteOut(std::string_view text);

}  // namespace taffrail::cmd
