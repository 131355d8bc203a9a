// MemEnv: the file system in memory that fails on demand. What LevelDB, SQLite and TigerBeetle test with, for
// us.
//
// It keeps apart what the program sees from what the disk holds:
//   - bytes are on disk after Sync; the names of files (create, rename, remove) after SyncDir of their
//   directory;
//   - Crash(seed) is a power failure: of everything else a random part survives, bytes torn by pages
//   (mem_file.h), names
//     per Options::name_loss. Open files and locks are dead; the next Open* starts from what the disk holds.
//
// Testing "at every write": run the scenario once and read operations(); then for each n up to that number
// take a fresh MemEnv, CrashAtOperation(n), run until it fails, Crash(seed), reopen and check.
//
//   MemEnv env;
//   env.CrashAtOperation(7);
//   EXPECT_FALSE(RunScenario(env).ok());
//   env.Crash(/*seed=*/1);
//   … reopen over env and compare with what was acknowledged …
//
// Mutating operations, counted from 1: Create, OpenAppend, Append, Sync, Rename, Link, Remove, Truncate,
// CreateDirs, RemoveDir, SyncDir. CreateDirs is durable at once (as in PosixEnv). Only files can be renamed.
// Thread-safe.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/env.h"
#include "base/mem_file.h"

namespace taffrail::base {

class MemEnv final : public Env {
 public:
  enum class NameLoss {
    kOrdered,    // each directory keeps a prefix of its changes, as journaling file systems do
    kAnySubset,  // each change is kept or lost by itself: all that POSIX promises
  };
  // What a failing operation has done when it fails.
  enum class Effect {
    kNone,
    kPartial,  // Append: a random prefix is written; Sync: as failed, bytes may be lost for good; others: all
               // of it
  };
  struct Options {
    NameLoss name_loss = NameLoss::kOrdered;
    uint64_t capacity_bytes = std::numeric_limits<uint64_t>::max();
    int64_t now_ns = 1'700'000'000'000'000'000;  // 2023-11-14T22:13:20Z
    uint64_t seed = 1;                           // of Random() and of partial effects
  };

  MemEnv() : MemEnv(Options{}) {}
  explicit MemEnv(const Options& options);

  // How many mutating operations were begun. The next one has number operations() + 1.
  uint64_t operations() const;
  uint64_t reads_announced() const;  // calls of RandomAccessFile::WillRead, which are none
  // Operation `number` fails with `status` (never ok); the others go on. Several may be set.
  void FailOperation(uint64_t number, absl::Status status, Effect effect = Effect::kNone);
  // Every operation from `number` on fails with Aborted, reads too, until Crash or KillProcess.
  void CrashAtOperation(uint64_t number, Effect effect = Effect::kNone);
  bool crashed() const;  // the operation of CrashAtOperation was reached

  void Crash(uint64_t seed);  // power failure and restart
  void KillProcess();         // the process died, the machine did not: nothing written is lost

  void SetCapacity(uint64_t capacity_bytes);
  void SetNowNs(int64_t now_ns);        // Unix time only: the monotonic clock does not jump
  void AdvanceNs(int64_t duration_ns);  // both clocks
  // Changes bytes on disk and in sight, as a bad disk would. NotFound; OutOfRange beyond the end.
  [[nodiscard]] absl::Status Corrupt(const std::string& path, uint64_t offset, std::string_view bytes);

  absl::StatusOr<std::unique_ptr<WritableFile>> Create(const std::string& path) override;
  absl::StatusOr<std::unique_ptr<WritableFile>> OpenAppend(const std::string& path) override;
  absl::StatusOr<std::unique_ptr<RandomAccessFile>> OpenRead(const std::string& path) override;
  absl::Status Rename(const std::string& from, const std::string& to) override;
  absl::Status Link(const std::string& from, const std::string& to) override;
  absl::Status Remove(const std::string& path) override;
  absl::Status Truncate(const std::string& path, uint64_t size) override;
  absl::Status MakePrivate(const std::string& path) override;  // nobody else looks
  absl::Status CreateDirs(const std::string& path) override;
  absl::Status RemoveDir(const std::string& path) override;
  absl::Status SyncDir(const std::string& path) override;
  absl::StatusOr<std::vector<std::string>> List(const std::string& path) override;
  absl::StatusOr<uint64_t> FileSize(const std::string& path) override;
  bool Exists(const std::string& path) override;
  absl::StatusOr<DiskSpace> Space(const std::string& path) override;
  absl::StatusOr<std::unique_ptr<FileLock>> Lock(const std::string& path) override;
  int64_t NowNs() override;
  int64_t MonotonicNs() override;
  void SleepNs(int64_t duration_ns) override;  // advances the clocks and yields
  void Random(std::span<char> out) override;   // from Options::seed: the same in every run

 private:
  class Writer;
  class Reader;
  class Held;

  using FilePtr = std::shared_ptr<MemFile>;
  // A change of names that a crash may undo. A null `file` in `to` is impossible; an empty path means "no
  // such side".
  struct NameChange {
    std::string from;  // the name that goes away (remove, rename)
    std::string to;    // the name that appears (create, rename)
    FilePtr file;
    std::string dir() const { return Dirname(to.empty() ? from : to); }
  };
  struct Fault {
    absl::Status status;
    Effect effect;
  };

  // Counts a mutating operation. Ok, or the error to return; then *partial says whether the effect happens
  // anyway.
  absl::Status Begin(bool* partial) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The same for an operation whose whole effect is `apply`, a callable returning a Status.
  template <typename Apply>
  absl::Status Mutate(Apply apply) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status CheckAlive(uint64_t epoch) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  absl::StatusOr<std::unique_ptr<WritableFile>> OpenForWriting(const std::string& path, bool empty);
  absl::Status AppendTo(MemFile& file, std::string_view data, uint64_t epoch);
  absl::Status SyncFile(MemFile& file, uint64_t epoch);
  absl::StatusOr<FilePtr> Find(const std::string& path) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<FilePtr> FindOrCreate(const std::string& path) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  uint64_t UsedBytes() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ApplyToDisk(const NameChange& change) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ForgetDir(const std::string& dir) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);  // its removal is durable
  void LoseNames(MemFile::Rng& rng) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Restart() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const NameLoss name_loss_;
  mutable absl::Mutex mutex_;
  std::map<std::string, FilePtr> files_ ABSL_GUARDED_BY(mutex_);    // what the program sees
  std::map<std::string, FilePtr> on_disk_ ABSL_GUARDED_BY(mutex_);  // names as of the last SyncDir
  std::vector<NameChange> pending_ ABSL_GUARDED_BY(mutex_);         // between the two, oldest first
  std::set<std::string> dirs_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> removed_dirs_ ABSL_GUARDED_BY(mutex_);  // a crash may bring them back
  std::set<std::string> locks_ ABSL_GUARDED_BY(mutex_);
  std::map<uint64_t, Fault> faults_ ABSL_GUARDED_BY(mutex_);
  std::optional<std::pair<uint64_t, Effect>> crash_at_ ABSL_GUARDED_BY(mutex_);
  bool crashed_ ABSL_GUARDED_BY(mutex_) = false;
  uint64_t operations_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t reads_announced_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t epoch_ ABSL_GUARDED_BY(mutex_) = 0;  // of the running "process"; handles of an older one are dead
  uint64_t capacity_bytes_ ABSL_GUARDED_BY(mutex_);
  int64_t now_ns_ ABSL_GUARDED_BY(mutex_);
  int64_t monotonic_ns_ ABSL_GUARDED_BY(mutex_) = 0;
  MemFile::Rng rng_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace taffrail::base
