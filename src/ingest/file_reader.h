// Reads a log file piece by piece, decompressed: plain, gzip or zstd, told by its first bytes and not by its
// name (rotated files are called app.log.1 or app.log.gz at the whim of whoever rotates them). "-" is
// standard input.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/env.h"
#include "base/status.h"

namespace taffrail::ingest {

class FileReader {
 public:
  // NotFound, PermissionDenied … name the file.
  static absl::StatusOr<std::unique_ptr<FileReader>> Open(base::Env& env, const std::string& path);
  virtual ~FileReader() = default;

  // Replaces chunk with the next decompressed bytes; false at the end. Compressed data that stop short or are
  // damaged give DataLoss or InvalidArgument, after everything readable before that point was given.
  virtual absl::StatusOr<bool> Next(std::string& chunk) = 0;

  // For progress: bytes of the file itself, compressed as they are. The total is 0 when nobody knows (a
  // pipe).
  virtual uint64_t bytes_read() const = 0;
  virtual uint64_t bytes_total() const = 0;
};

}  // namespace taffrail::ingest
