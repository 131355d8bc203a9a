// From the memtable to parts, and the one way to change the manifest.
#include <algorithm>
#include <map>
#include <utility>

#include "store/backoff.h"
#include "store/day_parts_writer.h"
#include "store/ordered_merge.h"
#include "store/store_impl.h"

namespace taffrail::store {

absl::Status StoreImpl::Flush() {
  if (options_.read_only) return absl::FailedPreconditionError("the store is open for reading only");
  TAFFRAIL_RETURN_IF_ERROR(FlushOnce());  // what is waiting already
  {
    absl::MutexLock lock(&mutex_);
    TakeToken();
    if (flushing_ == nullptr && !active_->empty()) RotateMemtable();
    writing_ = false;
  }
  TAFFRAIL_RETURN_IF_ERROR(FlushOnce());
  RenewWal();
  return absl::OkStatus();
}

// Where no append comes, what is in parts now would lie in the log as well. If it fails the next append or
// the next start does it.
void StoreImpl::RenewWal() {
  uint64_t flushed_sequence = 0;
  {
    absl::MutexLock lock(&mutex_);
    TakeToken();
    if (!std::exchange(rotate_wal_, false)) {
      writing_ = false;
      return;
    }
    flushed_sequence = flushed_sequence_;
  }
  wal_->Rotate();
  if (wal_->Start().ok()) wal_->RemoveFlushed(flushed_sequence).IgnoreError();
  absl::MutexLock lock(&mutex_);
  writing_ = false;
}

absl::Status StoreImpl::FlushOnce() {
  absl::MutexLock flush_lock(&flush_mutex_);
  std::shared_ptr<FlushJob> job;
  {
    absl::MutexLock lock(&mutex_);
    job = flushing_;
  }
  if (job == nullptr) return absl::OkStatus();
  if (job->parts.empty()) {
    TAFFRAIL_ASSIGN_OR_RETURN(
        job->parts, WriteParts(job->memtable->batches(), options_.dir, [this] { return next_part_id_++; }));
  }
  ManifestEdit edit;
  edit.flushed_sequence = job->end_sequence;
  for (const auto& part : job->parts) edit.added.push_back(part->meta());
  TAFFRAIL_RETURN_IF_ERROR(CommitEdit(std::move(edit)));
  {
    absl::MutexLock lock(&mutex_);
    PartList parts = *parts_;
    parts.insert(parts.end(), job->parts.begin(), job->parts.end());
    parts_ = std::make_shared<const PartList>(std::move(parts));
    flushing_ = nullptr;
    flushed_sequence_ = job->end_sequence;
    ++flushes_;
    for (const auto& part : job->parts) flushed_bytes_ += part->meta().file_bytes;
    merge_wanted_ = true;
  }
  wal_->RemoveFlushed(job->end_sequence)
      .IgnoreError();  // replay skips their rows, and the next start removes them
  return absl::OkStatus();
}

absl::StatusOr<PartList> StoreImpl::WriteParts(const MemBatches& batches, const std::string& dir,
                                               std::function<uint64_t()> next_id) {
  DayPartsWriter::Options options{
      .env = &env_, .dir = dir, .next_id = std::move(next_id), .memory = &encoding_memory_};
  std::vector<RowSource> sources;
  for (const MemBatch& mem : batches) {
    for (const int64_t time : mem.batch->timestamp_ns) ++options.rows_by_day[DayOf(time)];
    const auto open = [&mem](OpenedRows& rows) {
      expr::Selection all(mem.batch->rows());
      for (uint32_t i = 0; i < all.size(); ++i) all[i] = i;
      rows = InOrder(mem.batch, std::move(all));
      return absl::OkStatus();
    };
    sources.push_back({mem.min_timestamp_ns, mem.max_timestamp_ns, open});
  }
  DayPartsWriter writer(std::move(options));
  const auto add = [&](const record::RecordBatch& batch,
                       const expr::Selection& rows) -> absl::StatusOr<bool> {
    TAFFRAIL_RETURN_IF_ERROR(writer.Add(batch, rows));
    return true;
  };
  const absl::Status status = MergeInOrder(std::move(sources), /*descending=*/false, add);
  absl::StatusOr<PartList> parts = status.ok() ? writer.Finish() : absl::StatusOr<PartList>(status);
  if (!parts.ok()) {
    for (const uint64_t id : writer.ids()) env_.Remove(base::JoinPath(dir, PartName(id))).IgnoreError();
  }
  return parts;
}

absl::Status StoreImpl::CommitEdit(ManifestEdit edit) {
  absl::MutexLock lock(&manifest_mutex_);
  edit.next_part_id = next_part_id_;
  TAFFRAIL_RETURN_IF_ERROR(manifest_->Commit(edit));
  for (const auto& part : doubtful_) part->Abandon();
  for (const auto& deleted : doubtful_deletes_) deleted->Abandon();
  doubtful_.clear();
  doubtful_deletes_.clear();
  return absl::OkStatus();
}

// How long until lines in memory have rested for long enough to become a part.
absl::Duration StoreImpl::UntilRest() const {
  constexpr size_t kWorthAPart = size_t{1} << 20;  // fewer bytes of lines are hardly smaller there than here
  constexpr int64_t kFewRestLonger = 60;
  const int64_t times = active_->line_bytes() >= kWorthAPart ? 1 : kFewRestLonger;
  return absl::Seconds(options_.idle_flush_s * times) -
         absl::Nanoseconds(env_.MonotonicNs() - rests_since_ns_);
}

// Until a memtable waits to be flushed or the active one has rested, or the store is closing.
StoreImpl::FlushReason StoreImpl::WaitForFlush() {
  absl::MutexLock lock(&mutex_);
  const auto wanted = [this]()
                          ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return flushing_ != nullptr || stopping_; };
  const auto begun = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return wanted() || (options_.idle_flush_s > 0 && !active_->empty());
  };
  while (true) {
    mutex_.Await(absl::Condition(&begun));
    if (stopping_) return FlushReason::kNone;
    if (flushing_ != nullptr) return FlushReason::kFull;
    const absl::Duration rest = UntilRest();
    if (rest <= absl::ZeroDuration()) return FlushReason::kAtRest;
    // Not longer: what comes meanwhile may shorten the rest.
    mutex_.AwaitWithTimeout(absl::Condition(&wanted), std::min(rest, absl::Seconds(options_.idle_flush_s)));
  }
}

void StoreImpl::FlushLoop() {
  Backoff backoff;
  while (true) {
    const FlushReason reason = WaitForFlush();
    if (reason == FlushReason::kNone) return;
    const absl::Status status = reason == FlushReason::kFull ? FlushOnce() : Flush();
    {
      absl::MutexLock lock(&mutex_);
      flush_error_ = status;
    }
    if (status.ok()) {
      backoff.Reset();
    } else {
      WaitToRetry(status, backoff.Next());
    }
  }
}

// After a full disk no longer than until there is more room than now.
void StoreImpl::WaitToRetry(const absl::Status& status, absl::Duration longest) {
  constexpr absl::Duration kLook = absl::Milliseconds(250);
  const absl::StatusOr<base::DiskSpace> before = env_.Space(options_.dir);
  const auto stopped = [this]() { return stopping_.load(); };
  for (absl::Duration waited; waited < longest; waited += kLook) {
    {
      absl::MutexLock lock(&mutex_);
      mutex_.AwaitWithTimeout(absl::Condition(&stopped), kLook);
      if (stopping_) return;
    }
    if (!absl::IsResourceExhausted(status) || !before.ok()) continue;
    const absl::StatusOr<base::DiskSpace> now = env_.Space(options_.dir);
    if (now.ok() && now->available_bytes > before->available_bytes) return;
  }
}

}  // namespace taffrail::store
