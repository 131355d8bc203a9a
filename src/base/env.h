// The operating system behind one seam: files, time and randomness.
//
// Everything that must survive a crash, or depends on the clock, goes through an Env, so that power loss,
// torn pages, full disks and clock jumps are plain unit tests over MemEnv (base/mem_env.h). PosixEnv is the
// real one.
//
// Errors: NotFound (no such file), AlreadyExists, ResourceExhausted (disk full: ENOSPC, EDQUOT),
// PermissionDenied, FailedPrecondition (directory not empty, lock held, file abandoned after a failed Sync),
// Unavailable (an I/O error that may pass: EIO, EMFILE, …), InvalidArgument. Messages carry path and system
// text. Thread safety: an Env may be used from any thread; a file object from one thread at a time unless it
// says otherwise.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace taffrail::base {

// A file written from its beginning, or from its end, to its end. Written bytes are lost by a power failure
// until Sync returns ok; so is the name of a new or renamed file until SyncDir of its directory returns ok.
class WritableFile {
 public:
  virtual ~WritableFile() = default;
  // After an error how many of the bytes arrived is unknown.
  [[nodiscard]] virtual absl::Status Append(std::string_view data) = 0;
  // fdatasync: contents and size are durable when it returns ok. After a failed Sync nothing may be assumed
  // about any byte since the last good one (the kernel may have dropped the dirty pages): the file must be
  // abandoned.
  [[nodiscard]] virtual absl::Status Sync() = 0;
  // Without Sync: closing is no promise of durability. Called by the destructor, which ignores errors.
  [[nodiscard]] virtual absl::Status Close() = 0;
};

// A file read at any offset. Read is safe from several threads at once.
class RandomAccessFile {
 public:
  virtual ~RandomAccessFile() = default;
  // Reads exactly size bytes at offset into out[0, size), or fails with OutOfRange when the file ends before.
  [[nodiscard]] virtual absl::Status Read(uint64_t offset, size_t size, char* out) const = 0;
  // A hint that these bytes are about to be read: those that are in no cache are fetched meanwhile.
  virtual void WillRead(uint64_t /*offset*/, size_t /*size*/) const {}
  [[nodiscard]] virtual uint64_t size() const = 0;  // at opening
};

// Held from creation to destruction; a second Lock of the same path, by anyone, fails.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

struct DiskSpace {
  uint64_t total_bytes = 0;
  uint64_t available_bytes = 0;  // to this user
};

class Env {
 public:
  virtual ~Env() = default;

  static Env& Posix();  // the process-wide real one; never destroyed

  // Creates the file (mode 0640), or empties it when it exists.
  virtual absl::StatusOr<std::unique_ptr<WritableFile>> Create(const std::string& path) = 0;
  // Opens an existing file for appending, or creates it.
  virtual absl::StatusOr<std::unique_ptr<WritableFile>> OpenAppend(const std::string& path) = 0;
  virtual absl::StatusOr<std::unique_ptr<RandomAccessFile>> OpenRead(const std::string& path) = 0;

  [[nodiscard]] virtual absl::Status Rename(const std::string& from,
                                            const std::string& to) = 0;  // atomic, replaces
  // Another name, on the same file system, for a file that nobody will write to again. AlreadyExists;
  // Unimplemented when there is no such thing here: another file system, or one without links. Durable as a
  // new name is.
  [[nodiscard]] virtual absl::Status Link(const std::string& from, const std::string& to) = 0;
  [[nodiscard]] virtual absl::Status Remove(const std::string& path) = 0;  // a file
  // Durable only after a Sync of the file opened afterwards, as every other change of its bytes.
  [[nodiscard]] virtual absl::Status Truncate(const std::string& path, uint64_t size) = 0;
  // Mode 0600: for keys, before they are written.
  [[nodiscard]] virtual absl::Status MakePrivate(const std::string& path) = 0;
  // With parents, mode 0750; ok if present. Durable when it returns: so rare that nobody should have to think
  // of it.
  [[nodiscard]] virtual absl::Status CreateDirs(const std::string& path) = 0;
  [[nodiscard]] virtual absl::Status RemoveDir(const std::string& path) = 0;  // must be empty
  [[nodiscard]] virtual absl::Status SyncDir(const std::string& path) = 0;
  // Names (not paths) in a directory, sorted, without "." and "..".
  virtual absl::StatusOr<std::vector<std::string>> List(const std::string& path) = 0;
  virtual absl::StatusOr<uint64_t> FileSize(const std::string& path) = 0;
  virtual bool Exists(const std::string& path) = 0;
  virtual absl::StatusOr<DiskSpace> Space(const std::string& path) = 0;
  virtual absl::StatusOr<std::unique_ptr<FileLock>> Lock(const std::string& path) = 0;

  virtual int64_t NowNs() = 0;        // Unix time, nanoseconds; may jump
  virtual int64_t MonotonicNs() = 0;  // never goes back
  virtual void SleepNs(int64_t duration_ns) = 0;
  virtual void Random(std::span<char> out) = 0;  // from the system's generator, fit for ids and keys
};

// Whole small files (manifests, configuration). limit_bytes guards against reading something absurd
// (InvalidArgument).
absl::StatusOr<std::string> ReadFile(Env& env, const std::string& path, uint64_t limit_bytes);
// Writes path.tmp, syncs it, renames it over path and syncs the directory: after a crash either the old or
// the new.
[[nodiscard]] absl::Status WriteFileAtomically(Env& env, const std::string& path, std::string_view data);

std::string JoinPath(std::string_view dir, std::string_view name);
std::string Dirname(std::string_view path);

}  // namespace taffrail::base
