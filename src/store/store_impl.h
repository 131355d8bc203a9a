// The store: who holds what, and in which order locks are taken.
//
//   Append ── queue_ ── one leader at a time ── Wal ── active_ ──(full)── flushing_ ── flush ── parts_
//                                                                                        merge ──┘
// Locks: flush_mutex_ and merge_mutex_ are held for a whole flush or merge; manifest_mutex_ for a commit;
// mutex_ only for moments. Order: flush_mutex_ or merge_mutex_, then manifest_mutex_, then mutex_. Whoever
// sets writing_ alone may write the WAL and change the memtables.
//
// store_{open,append,flush,merge,delete,snapshot}.cc hold the parts of the class.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "store/manifest.h"
#include "store/memtable.h"
#include "store/merge_pace.h"
#include "store/snapshot.h"
#include "store/store.h"
#include "store/wal.h"

namespace taffrail::store {

class StoreImpl final : public Store {
 public:
  static absl::StatusOr<std::unique_ptr<Store>> Open(StoreOptions options);
  ~StoreImpl() override;

  using Store::Append;
  absl::Status Append(record::RecordBatch batch, const CommitObserver& committed) override;
  absl::Status Scan(const ScanRequest& request, const ScanSink& sink, ScanStats* stats) override;
  StoreInfo Info() override;
  absl::Status Flush() override;
  absl::Status Compact() override;
  absl::StatusOr<RemovalReport> Delete(const DeleteRequest& request) override;
  absl::StatusOr<RemovalReport> DropBefore(int32_t day, bool dry_run) override;
  absl::Status SnapshotTo(const std::string& dir) override;

 private:
  // A batch on its way through the group commit. Lives on its appender's stack.
  struct Pending {
    record::RecordBatch batch;
    std::string entry;
    uint64_t line_bytes = 0;
    std::shared_ptr<const record::RecordBatch> committed;
    absl::Status status;
    bool done = false;
  };
  struct FlushJob {
    std::shared_ptr<Memtable> memtable;
    uint64_t end_sequence = 0;
    PartList parts;  // when they are written, and only the commit has failed
  };
  using Picker = std::vector<uint64_t> (*)(const std::vector<PartMeta>&);

  explicit StoreImpl(StoreOptions options);

  // store_open.cc
  absl::Status Recover();
  absl::Status MakeManifestDurable() ABSL_LOCKS_EXCLUDED(manifest_mutex_);
  absl::StatusOr<ManifestState> ReadManifest() const;
  absl::Status OpenParts(const ManifestState& state);
  absl::Status ReadWal(uint64_t flushed_sequence, WalReplay& replay);
  absl::Status RemoveStrays(const ManifestState& state, const WalReplay& replay, bool wal_too);
  void StartThreads();
  Snapshot TakeSnapshot();
  Snapshot SnapshotLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // store_append.cc
  void Commit(Pending& pending);
  absl::Status WaitForRoom();
  void TakeToken() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::vector<Pending*> TakeGroup() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status CommitGroup(const std::vector<Pending*>& group, uint64_t first_sequence, bool rotate);
  void LeadCommit();
  void Coalesce();
  bool MemtableFull() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void RotateMemtable() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // store_flush.cc
  enum class FlushReason : uint8_t { kNone, kFull, kAtRest };
  void RenewWal() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status FlushOnce() ABSL_LOCKS_EXCLUDED(flush_mutex_);
  absl::StatusOr<PartList> WriteParts(const MemBatches& batches, const std::string& dir,
                                      std::function<uint64_t()> next_id);
  absl::Status CommitEdit(ManifestEdit edit) ABSL_LOCKS_EXCLUDED(manifest_mutex_);
  absl::Duration UntilRest() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  FlushReason WaitForFlush() ABSL_LOCKS_EXCLUDED(mutex_);
  void FlushLoop();
  void WaitToRetry(const absl::Status& status, absl::Duration longest) ABSL_LOCKS_EXCLUDED(mutex_);

  // store_merge.cc
  absl::StatusOr<bool> MergeOnce(Picker pick, MergePace* pace) ABSL_LOCKS_EXCLUDED(merge_mutex_);
  absl::StatusOr<bool> MergeLocked(Picker pick, MergePace* pace) ABSL_EXCLUSIVE_LOCKS_REQUIRED(merge_mutex_);
  absl::Status CheckMergeSpace(const PartList& inputs);
  void MergeLoop();

  // store_delete.cc
  PartList CurrentParts() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<RemovalReport> CountMatching(const DeleteRequest& request);
  absl::StatusOr<RemovalReport> DeleteLocked(const DeleteRequest& request, uint64_t end_sequence)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(merge_mutex_);
  absl::StatusOr<RemovalReport> DropLocked(int32_t day) ABSL_EXCLUSIVE_LOCKS_REQUIRED(merge_mutex_);
  // Swaps parts in sight of readers: those of `removed` for those of `added`.
  void ReplaceParts(const PartList& removed, const PartList& added) ABSL_LOCKS_EXCLUDED(mutex_);

  // store_snapshot.cc
  absl::Status WriteSnapshot(const std::string& dir);

  const StoreOptions options_;
  base::Env& env_;
  std::unique_ptr<base::FileLock> lock_;
  std::unique_ptr<Wal> wal_;  // null when read only
  std::atomic<uint64_t> next_part_id_ = 1;
  EncodingMemory encoding_memory_;  // of all flushes and merges
  const std::shared_ptr<BlockCache> cache_;
  std::atomic<bool> stopping_ = false;
  MergePace merge_pace_;
  std::atomic<bool> manifest_durable_ = false;  // once since the start; later commits see to themselves

  absl::Mutex flush_mutex_;
  absl::Mutex merge_mutex_;
  absl::Mutex manifest_mutex_ ABSL_ACQUIRED_AFTER(flush_mutex_, merge_mutex_);
  std::unique_ptr<Manifest> manifest_ ABSL_GUARDED_BY(manifest_mutex_);
  // Files that a failed commit may or may not have registered: removed once a later commit has succeeded.
  std::vector<std::shared_ptr<Part>> doubtful_ ABSL_GUARDED_BY(manifest_mutex_);
  std::vector<std::shared_ptr<DeletedRows>> doubtful_deletes_ ABSL_GUARDED_BY(manifest_mutex_);

  absl::Mutex mutex_ ABSL_ACQUIRED_AFTER(manifest_mutex_);
  std::deque<Pending*> queue_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool rotate_wal_ ABSL_GUARDED_BY(mutex_) = false;
  uint64_t next_sequence_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t flushed_sequence_ ABSL_GUARDED_BY(mutex_) = 0;
  std::shared_ptr<Memtable> active_ ABSL_GUARDED_BY(mutex_) = std::make_shared<Memtable>();
  std::shared_ptr<FlushJob> flushing_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const PartList> parts_ ABSL_GUARDED_BY(mutex_) = std::make_shared<const PartList>();
  bool merge_wanted_ ABSL_GUARDED_BY(mutex_) = false;
  bool merging_ ABSL_GUARDED_BY(mutex_) = false;  // the thread of merges is at one
  absl::Status flush_error_ ABSL_GUARDED_BY(mutex_);
  absl::Status merge_error_ ABSL_GUARDED_BY(mutex_);
  uint64_t flushes_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t merges_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t merged_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t flushed_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t last_commit_ns_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t rests_since_ns_ ABSL_GUARDED_BY(mutex_) =
      0;  // the last commit or the start, by the monotonic clock

  std::unique_ptr<MemIdsThread> mem_ids_thread_;  // null: nobody gathers them
  std::thread flush_thread_;
  std::thread merge_thread_;
};

}  // namespace taffrail::store
