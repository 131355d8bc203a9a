// A file, a pipe or stdin, read piece by piece with its compression undone.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/status.h"
#include "net/body_decoder.h"

namespace taffrail::cmd {

// Not thread-safe.
class InputFile {
 public:
  // "-" is stdin. gzip and zstd are told by their first bytes, not by the name. NotFound, PermissionDenied or
  // FailedPrecondition (a directory) say what to do.
  static absl::StatusOr<std::unique_ptr<InputFile>> Open(const std::string& path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  // Replaces chunk with the next bytes; false at the end. DataLoss for compressed data that is damaged or cut
  // short: everything before the damage has been given by then.
  absl::StatusOr<bool> Read(std::string& chunk);

  const std::string& name() const { return name_; }
  uint64_t read_bytes() const { return read_bytes_; }  // as stored, compressed
  uint64_t size_bytes() const { return size_bytes_; }  // 0: unknown, a pipe

  // Big enough to hide a system call and feed a decoder, small enough to stay in the second-level cache.
  static constexpr size_t kChunkBytes = 256 << 10;

 private:
  InputFile(std::string name, int file_descriptor, uint64_t size_bytes)
      : name_(std::move(name)), file_descriptor_(file_descriptor), size_bytes_(size_bytes) {}
  absl::Status Fill();           // reads into raw_, or sets at_end_
  absl::Status ChooseDecoder();  // by the first bytes

  const std::string name_;
  const int file_descriptor_;
  const uint64_t size_bytes_;
  uint64_t read_bytes_ = 0;
  bool started_ = false;
  bool at_end_ = false;
  std::string raw_;
  size_t raw_used_ = 0;
  std::unique_ptr<net::BodyDecoder> decoder_;  // null: the bytes are as they are
};

}  // namespace taffrail::cmd
