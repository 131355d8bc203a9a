// Opening and recovery, snapshots, information.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "store/scan.h"
#include "store/store_impl.h"
#include "store/wal_format.h"

namespace taffrail::store {
namespace {

// A reader without the lock may find that a merge has just removed a part that the manifest named a moment
// ago.
constexpr int kReadOnlyAttempts = 10;

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> Store::Open(StoreOptions options) {
  return StoreImpl::Open(std::move(options));
}

StoreImpl::StoreImpl(StoreOptions options)
    : options_(std::move(options)),
      env_(options_.env != nullptr ? *options_.env : base::Env::Posix()),
      cache_(options_.cache_bytes > 0 ? std::make_shared<BlockCache>(options_.cache_bytes) : nullptr),
      merge_pace_(env_, options_.merge_bytes_per_s, stopping_) {}

absl::StatusOr<std::unique_ptr<Store>> StoreImpl::Open(StoreOptions options) {
  absl::Status status;
  for (int attempt = 0; attempt < kReadOnlyAttempts; ++attempt) {
    std::unique_ptr<StoreImpl> store(new StoreImpl(options));
    status = store->Recover();
    if (status.ok()) {
      store->StartThreads();
      return store;
    }
    if (!options.read_only || !absl::IsNotFound(status)) return status;
  }
  return status;
}

absl::Status StoreImpl::Recover() {
  if (!options_.read_only) {
    TAFFRAIL_RETURN_IF_ERROR(env_.CreateDirs(options_.dir));
    TAFFRAIL_ASSIGN_OR_RETURN(lock_, env_.Lock(base::JoinPath(options_.dir, "LOCK")));
  }
  TAFFRAIL_ASSIGN_OR_RETURN(ManifestState state, ReadManifest());
  TAFFRAIL_RETURN_IF_ERROR(OpenParts(state));
  WalReplay replay;
  TAFFRAIL_RETURN_IF_ERROR(ReadWal(state.flushed_sequence, replay));
  if (options_.read_only) return absl::OkStatus();

  // Ids of files that no manifest names are not used again either: their removal may be undone by a crash.
  TAFFRAIL_ASSIGN_OR_RETURN(const std::vector<std::string> names, env_.List(options_.dir));
  for (const std::string& name : names) {
    uint64_t id = 0;
    uint64_t part = 0;
    if (ParsePartName(name, id) || ParseDeletedRowsName(name, part, id)) {
      state.next_part_id = std::max(state.next_part_id, id + 1);
    }
  }
  next_part_id_ = state.next_part_id;
  const bool is_new = !env_.Exists(Manifest::Path(options_.dir));
  {
    absl::MutexLock lock(&manifest_mutex_);
    manifest_ = Manifest::Continue(env_, options_.dir, state);
  }
  wal_ = std::make_unique<Wal>(env_, options_.dir, replay);
  // On a full disk the store still opens for searches. Nothing acts on the manifest then; the first append
  // with room does this first.
  const absl::Status durable = MakeManifestDurable();
  if (absl::IsResourceExhausted(durable) && !is_new) return absl::OkStatus();
  TAFFRAIL_RETURN_IF_ERROR(durable);
  const bool wal_started = wal_->Start().ok();
  return RemoveStrays(state, replay, wal_started);
}

// A manifest read back from the cache need not be on the disk: it is written anew before anything is removed,
// or the WAL continued, because of what it says.
absl::Status StoreImpl::MakeManifestDurable() {
  if (manifest_durable_) return absl::OkStatus();
  absl::MutexLock lock(&manifest_mutex_);
  TAFFRAIL_RETURN_IF_ERROR(manifest_->MakeDurable());
  manifest_durable_ = true;
  return absl::OkStatus();
}

absl::StatusOr<ManifestState> StoreImpl::ReadManifest() const {
  absl::StatusOr<ManifestState> state = Manifest::Read(env_, options_.dir);
  if (state.ok() || !absl::IsNotFound(state.status())) return state;
  if (options_.read_only) {
    return absl::NotFoundError(fmt::format("{}: there is no store here", options_.dir));
  }
  TAFFRAIL_ASSIGN_OR_RETURN(const std::vector<std::string> names, env_.List(options_.dir));
  for (const std::string& name : names) {
    uint64_t id = 0;
    if (!ParsePartName(name, id) && !ParseWalName(name, id)) continue;
    return absl::DataLossError(fmt::format(
        "{}: the manifest is missing but {} is there; try `taffrail store repair`", options_.dir, name));
  }
  return ManifestState();
}

absl::Status StoreImpl::OpenParts(const ManifestState& state) {
  PartList parts;
  for (const auto& [id, meta] : state.parts) {
    TAFFRAIL_ASSIGN_OR_RETURN(std::shared_ptr<Part> part, Part::Open(env_, options_.dir, meta));
    if (part->meta().rows != meta.rows || part->meta().file_bytes != meta.file_bytes) {
      return absl::DataLossError(fmt::format(
          "{}: is not the part that the manifest names; try `taffrail store repair`", part->path()));
    }
    parts.push_back(std::move(part));
  }
  absl::MutexLock lock(&mutex_);
  parts_ = std::make_shared<const PartList>(std::move(parts));
  return absl::OkStatus();
}

absl::Status StoreImpl::ReadWal(uint64_t flushed_sequence, WalReplay& replay) {
  auto memtable = std::make_shared<Memtable>();
  const auto visit = [&](record::RecordBatch batch, uint64_t line_bytes) {
    memtable->Add(MakeMemBatch(std::move(batch), line_bytes));
    MemBatch merged;
    while (const size_t count = CoalesceTail(memtable->batches(), merged)) {
      memtable->ReplaceTail(count, std::move(merged));
    }
  };
  TAFFRAIL_ASSIGN_OR_RETURN(replay, ReplayWal(env_, options_.dir, flushed_sequence, visit));
  absl::MutexLock lock(&mutex_);
  active_ = std::move(memtable);
  next_sequence_ = replay.next_sequence;
  flushed_sequence_ = flushed_sequence;
  return absl::OkStatus();
}

// What a crash left behind: parts that no manifest names, temporary files, segments that do not count.
absl::Status StoreImpl::RemoveStrays(const ManifestState& state, const WalReplay& replay, bool wal_too) {
  TAFFRAIL_ASSIGN_OR_RETURN(const std::vector<std::string> names, env_.List(options_.dir));
  for (const std::string& name : names) {
    uint64_t id = 0;
    const bool stray_part = ParsePartName(name, id) && !state.parts.contains(id);
    uint64_t number = 0;
    const bool stray_deletes = ParseDeletedRowsName(name, id, number) &&
                               (!state.parts.contains(id) || state.parts.at(id).deletes_number != number);
    const bool stray_segment =
        wal_too && ParseWalName(name, id) &&
        std::find(replay.unused.begin(), replay.unused.end(), id) != replay.unused.end();
    if (!stray_part && !stray_deletes && !stray_segment && !name.ends_with(".tmp")) continue;
    env_.Remove(base::JoinPath(options_.dir, name)).IgnoreError();  // the next start tries again
  }
  return wal_too ? wal_->RemoveFlushed(state.flushed_sequence) : absl::OkStatus();
}

void StoreImpl::StartThreads() {
  if (options_.read_only || !options_.background) return;
  {
    absl::MutexLock lock(&mutex_);
    merge_wanted_ = true;
    if (MemtableFull()) RotateMemtable();
    rests_since_ns_ = env_.MonotonicNs();
  }
  flush_thread_ = std::thread([this] { FlushLoop(); });
  merge_thread_ = std::thread([this] { MergeLoop(); });
  mem_ids_thread_ = std::make_unique<MemIdsThread>();
}

StoreImpl::~StoreImpl() {
  stopping_ = true;
  {
    absl::MutexLock lock(&mutex_);  // wakes the threads: their conditions look at stopping_
  }
  if (flush_thread_.joinable()) flush_thread_.join();
  if (merge_thread_.joinable()) merge_thread_.join();
}

Snapshot StoreImpl::TakeSnapshot() {
  absl::MutexLock lock(&mutex_);
  return SnapshotLocked();
}

Snapshot StoreImpl::SnapshotLocked() {
  Snapshot snapshot;
  snapshot.parts = parts_;
  snapshot.cache = cache_;
  if (flushing_ != nullptr) snapshot.batches = flushing_->memtable->batches();
  const MemBatches& active = active_->batches();
  snapshot.batches.insert(snapshot.batches.end(), active.begin(), active.end());
  return snapshot;
}

absl::Status StoreImpl::Scan(const ScanRequest& request, const ScanSink& sink, ScanStats* stats) {
  const Snapshot snapshot = TakeSnapshot();
  if (mem_ids_thread_ != nullptr && request.predicate != nullptr &&
      !request.predicate->RequiredWords().empty()) {
    std::vector<MemIdsThread::Wanted> wanted;
    for (const MemBatch& mem : snapshot.batches) {
      if (!mem.ids->gathered()) wanted.emplace_back(mem.batch, mem.ids);
    }
    if (!wanted.empty()) mem_ids_thread_->Want(std::move(wanted));
  }
  return ScanSnapshot(snapshot, request, sink, stats);
}

StoreInfo StoreImpl::Info() {
  StoreInfo info;
  {
    absl::MutexLock lock(&manifest_mutex_);
    if (manifest_ != nullptr) info.disk_bytes += manifest_->file_bytes();
  }
  if (wal_ != nullptr) info.wal_bytes = wal_->Bytes();
  absl::MutexLock lock(&mutex_);
  for (const auto& part : *parts_) {
    const PartMeta& meta = part->meta();
    info.parts.push_back({.id = meta.id,
                          .day = meta.day,
                          .rows = meta.rows - meta.deleted_rows,
                          .deleted_rows = meta.deleted_rows,
                          .blocks = meta.blocks,
                          .file_bytes = meta.file_bytes,
                          .raw_bytes = meta.line_bytes,
                          .min_timestamp_ns = meta.min_timestamp_ns,
                          .max_timestamp_ns = meta.max_timestamp_ns});
    info.rows += meta.rows - meta.deleted_rows;
    info.deleted_rows += meta.deleted_rows;
    info.raw_bytes += meta.line_bytes;
    info.disk_bytes += meta.file_bytes;
  }
  for (const Memtable* memtable :
       {flushing_ != nullptr ? flushing_->memtable.get() : nullptr, active_.get()}) {
    if (memtable == nullptr) continue;
    info.memtable_rows += memtable->rows();
    info.memtable_bytes += memtable->memory_bytes();
    info.raw_bytes += memtable->line_bytes();
  }
  info.rows += info.memtable_rows;
  info.disk_bytes += info.wal_bytes;
  info.next_sequence = next_sequence_;
  info.flushes = flushes_;
  info.merges = merges_;
  info.merged_bytes = merged_bytes_;
  info.merge_waited_ns = merge_pace_.waited_ns();
  info.busy = flushing_ != nullptr || merging_ || (merge_wanted_ && options_.background);
  info.flushed_bytes = flushed_bytes_;
  info.last_commit_ns = last_commit_ns_;
  info.background_error = flush_error_.ok() ? merge_error_ : flush_error_;
  return info;
}

}  // namespace taffrail::store
