// The files of a queue directory (docs/format/queue.md), as memory that outlives the process.
//
// A file has all its blocks before it is mapped, so that a full disk is an error here and never a SIGBUS in
// the middle of a log call. Nothing is synced: the kernel keeps the pages of a killed process, and that is
// what they are for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "sink/fd.h"
#include "taffrail/detail/queue.h"

namespace taffrail::log {

// Shared memory of a regular file. Its address changes with Grow alone.
class MappedFile {
 public:
  MappedFile() = default;
  static absl::StatusOr<MappedFile> Create(const std::string& path, size_t bytes);
  static absl::StatusOr<MappedFile> Open(const std::string& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  char* data() const { return data_; }
  size_t size() const { return size_; }
  [[nodiscard]] absl::Status Grow(size_t bytes);

 private:
  absl::Status Map(bool populate);

  sink::Fd fd_;
  char* data_ = nullptr;
  size_t size_ = 0;
};

// A regular file that belongs to nobody's tricks: no symbolic link, no device. The whole of it, unless it is
// larger than bytes_max.
absl::StatusOr<std::string> ReadQueueFile(const std::string& path, size_t bytes_max);

inline constexpr uint32_t kQueueFormat = 1;
inline constexpr size_t kQueueHeadBytes = 4096;  // a page: before the ring, the journal's piece, the slots

// "queue-N": this, a ThreadQueue, and from kQueueHeadBytes on the ring. The places of what recovery reads are
// written down, because the ThreadQueue belongs to the version of the library that made the file.
struct RingFileHead {
  static constexpr char kMagic[8] = {'T', 'F', 'R', 'L', 'R', 'I', 'N', 'G'};

  char magic[8];
  uint32_t format;
  uint32_t number;
  uint64_t capacity;
  uint32_t thread_id;
  uint32_t tail_at;  // where in the file
  uint32_t head_at;
  char thread_name[16];
};

}  // namespace taffrail::log
