// What queued records point to and what must outlive the process with them: the fields of scopes and bound
// loggers (copies, found again by the address of the Frame), and records too large for a ring (which live
// here and nowhere else).
//
// Files "slots-N", each of slots of one size. Only the process that made them reads or frees; recovery looks
// at what is there (docs/format/queue.md).
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "log/queue_file.h"

namespace taffrail::log {

struct SlotFileHead {
  static constexpr char kMagic[8] = {'T', 'F', 'R', 'L', 'S', 'L', 'O', 'T'};

  char magic[8];
  uint32_t format;
  uint32_t slots;
  uint64_t slot_bytes;  // with the SlotHead
};

struct SlotHead {
  std::atomic<uint64_t> address;  // what records have for it; 0: the slot is free, or being filled
  uint32_t size;
  uint32_t file;  // the how many-th; for the process itself
};
static_assert(sizeof(SlotHead) == 16);

// Thread-safe.
class QueueArena {
 public:
  explicit QueueArena(std::string dir) : dir_(std::move(dir)) {}

  // A copy that is found by `address`, which is not 0 (kOwnAddress: by its own). Null: there is no room.
  static constexpr uint64_t kOwnAddress = 1;
  char* Keep(uint64_t address, std::string_view bytes);
  void Drop(char* kept);
  // `address` of everything that is kept, but for large records. After a fork the child may ask too: this is
  // not read from the shared memory, which belongs to the parent.
  std::vector<uint64_t> Addresses() const;
  absl::Mutex& mutex() { return mutex_; }

 private:
  // Four times the one before. The smallest takes a scope of a request; the largest the largest record:
  // FieldWriter::kMaxRecordBytes of fields, a message of kMaxStringBytes, and heads.
  static constexpr std::array<size_t, 9> kSlotBytes = {256,
                                                       1 << 10,
                                                       4 << 10,
                                                       size_t{16} << 10,
                                                       size_t{64} << 10,
                                                       size_t{256} << 10,
                                                       size_t{1} << 20,
                                                       size_t{4} << 20,
                                                       size_t{16} << 20};
  static constexpr size_t kFileBytesMin = size_t{256} << 10;
  // Of all files together: the 64 MiB of Config::heap_bytes in their slots, and scopes.
  static constexpr size_t kBytesMax = size_t{512} << 20;

  bool AddFile(size_t size_class) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string dir_;
  mutable absl::Mutex mutex_;
  std::array<std::vector<char*>, kSlotBytes.size()> free_ ABSL_GUARDED_BY(mutex_);
  struct SlotFile {
    MappedFile file;
    size_t slot_bytes;
    std::vector<uint64_t> addresses;  // of the slots; 0: free, or a large record
  };
  // The place for the slot's address, which is the child's too after a fork.
  uint64_t& AddressOf(const char* slot) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::vector<SlotFile> files_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace taffrail::log
