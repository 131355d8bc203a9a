// Group commit: appenders queue; the first becomes the leader and writes for all that wait, with one write
// and one sync. Batches are encoded by their own threads, outside of all locks.
#include <fmt/format.h>

#include <numeric>
#include <utility>

#include "store/store_impl.h"

namespace taffrail::store {
namespace {

// What one group commit writes: bounds the writer's buffer, and how long the first in the queue waits for the
// rest.
constexpr size_t kMaxGroupBytes = size_t{32} << 20;
// Labels of one batch. They are kept per batch and block, beside the lines, and must not outgrow them.
constexpr size_t kMaxLabelBytes = record::kMaxBatchBytes;

absl::Status CheckBatch(const record::RecordBatch& batch) {
  if (batch.rows() > record::kMaxBatchRows) {
    return absl::InvalidArgumentError(
        fmt::format("a batch of {} rows; the limit is {}", batch.rows(), record::kMaxBatchRows));
  }
  size_t label_bytes = 0;
  for (const record::Stream& stream : batch.streams) {
    for (const auto& [name, value] : stream.labels) label_bytes += name.size() + value.size();
  }
  if (label_bytes > kMaxLabelBytes) {
    return absl::InvalidArgumentError(
        fmt::format("a batch with {} bytes of labels; the limit is {}", label_bytes, kMaxLabelBytes));
  }
  return absl::OkStatus();
}

// What an appender is told: it shall try again, whatever the cause was.
absl::Status Retryable(const absl::Status& status) {
  if (status.ok() || absl::IsResourceExhausted(status) || absl::IsUnavailable(status)) return status;
  return absl::UnavailableError(std::string(status.message()));
}

}  // namespace

absl::Status StoreImpl::Append(record::RecordBatch batch, const CommitObserver& committed) {
  if (options_.read_only) return absl::FailedPreconditionError("the store is open for reading only");
  if (batch.rows() == 0) return absl::OkStatus();
  TAFFRAIL_RETURN_IF_ERROR(CheckBatch(batch));
  Pending pending;
  pending.entry = EncodeWalEntry(batch, pending.line_bytes);
  pending.batch = std::move(batch);
  TAFFRAIL_RETURN_IF_ERROR(WaitForRoom());
  Commit(pending);
  if (pending.status.ok() && committed) committed(*pending.committed);
  return pending.status;
}

// Returns when the batch is durable or has failed: another leader's group has it, or this thread leads.
void StoreImpl::Commit(Pending& pending) {
  {
    absl::MutexLock lock(&mutex_);
    queue_.push_back(&pending);
    const auto ready = [this, &pending]()
                           ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return pending.done || !writing_; };
    mutex_.Await(absl::Condition(&ready));
    if (pending.done) return;
    writing_ = true;
  }
  if (options_.commit_window_us > 0) env_.SleepNs(options_.commit_window_us * 1000);
  while (!pending.done) LeadCommit();  // a long queue takes more than one group to come to our batch
  absl::MutexLock lock(&mutex_);
  writing_ = false;
}

// Back-pressure: one memtable is being flushed and the other is full as well.
absl::Status StoreImpl::WaitForRoom() {
  if (!options_.background) {
    bool full = false;
    {
      absl::MutexLock lock(&mutex_);
      full = MemtableFull();
    }
    return full ? Retryable(Flush()) : absl::OkStatus();
  }
  absl::MutexLock lock(&mutex_);
  const auto room = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return !MemtableFull() || flushing_ == nullptr || !flush_error_.ok() || stopping_;
  };
  mutex_.Await(absl::Condition(&room));
  return MemtableFull() && flushing_ != nullptr ? Retryable(flush_error_) : absl::OkStatus();
}

void StoreImpl::TakeToken() {
  const auto is_free = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !writing_; };
  mutex_.Await(absl::Condition(&is_free));
  writing_ = true;
}

std::vector<StoreImpl::Pending*> StoreImpl::TakeGroup() {
  std::vector<Pending*> group;
  size_t bytes = 0;
  while (!queue_.empty() && (group.empty() || bytes + queue_.front()->entry.size() <= kMaxGroupBytes)) {
    bytes += queue_.front()->entry.size();
    group.push_back(queue_.front());
    queue_.pop_front();
  }
  return group;
}

// Writes one group. REQUIRES: this thread has set writing_.
void StoreImpl::LeadCommit() {
  std::vector<Pending*> group;
  uint64_t first_sequence = 0;
  bool rotate = false;
  {
    absl::MutexLock lock(&mutex_);
    group = TakeGroup();
    first_sequence = next_sequence_;
    rotate = std::exchange(rotate_wal_, false);
  }
  const absl::Status status = Retryable(CommitGroup(group, first_sequence, rotate));
  std::vector<MemBatch> batches;
  uint64_t sequence = first_sequence;
  for (Pending* pending : group) {
    if (!status.ok()) break;
    const size_t rows = pending->batch.rows();
    pending->batch.sequence.resize(rows);
    std::iota(pending->batch.sequence.begin(), pending->batch.sequence.end(), sequence);
    sequence += rows;
    batches.push_back(MakeMemBatch(std::move(pending->batch), pending->line_bytes));
    pending->committed = batches.back().batch;
  }
  {
    absl::MutexLock lock(&mutex_);
    for (MemBatch& batch : batches) active_->Add(std::move(batch));
    next_sequence_ = sequence;
    if (status.ok()) last_commit_ns_ = env_.NowNs();
    rests_since_ns_ = env_.MonotonicNs();
    for (Pending* pending : group) {
      pending->status = status;
      pending->done = true;  // its owner may leave as soon as the lock is free
    }
  }
  Coalesce();
  uint64_t flushed_sequence = 0;
  {
    absl::MutexLock lock(&mutex_);
    flushed_sequence = flushed_sequence_;
  }
  // The segment before the new one may hold nothing any more. The next start tries again if it cannot be
  // removed.
  if (rotate && status.ok()) wal_->RemoveFlushed(flushed_sequence).IgnoreError();
  absl::MutexLock lock(&mutex_);
  if (options_.background && MemtableFull() && flushing_ == nullptr) RotateMemtable();
}

absl::Status StoreImpl::CommitGroup(const std::vector<Pending*>& group, uint64_t first_sequence,
                                    bool rotate) {
  if (rotate) wal_->Rotate();
  if (options_.min_free_bytes > 0) {
    TAFFRAIL_ASSIGN_OR_RETURN(const base::DiskSpace space, env_.Space(options_.dir));
    if (space.available_bytes < options_.min_free_bytes) {
      return absl::ResourceExhaustedError(fmt::format("{}: {} bytes free, {} are kept in reserve",
                                                      options_.dir, space.available_bytes,
                                                      options_.min_free_bytes));
    }
  }
  TAFFRAIL_RETURN_IF_ERROR(MakeManifestDurable());
  std::vector<WalEntry> entries;
  entries.reserve(group.size());
  for (const Pending* pending : group) entries.push_back({pending->batch.rows(), pending->entry});
  return wal_->Append(first_sequence, entries);
}

// Makes few batches of many small ones, beside the readers. REQUIRES: this thread has set writing_.
void StoreImpl::Coalesce() {
  while (true) {
    MemBatches batches;
    {
      absl::MutexLock lock(&mutex_);
      const MemBatches& all = active_->batches();
      batches.assign(all.size() > kCoalesceFanIn ? all.end() - kCoalesceFanIn : all.begin(), all.end());
    }
    MemBatch merged;
    const size_t count = CoalesceTail(batches, merged);
    if (count == 0) return;
    absl::MutexLock lock(&mutex_);
    active_->ReplaceTail(count, std::move(merged));
  }
}

bool StoreImpl::MemtableFull() const {
  return active_->line_bytes() >= options_.memtable_bytes ||
         active_->memory_bytes() >= 2 * options_.memtable_bytes;
}

void StoreImpl::RotateMemtable() {
  flushing_ = std::make_shared<FlushJob>();
  flushing_->memtable = std::exchange(active_, std::make_shared<Memtable>());
  flushing_->end_sequence = next_sequence_;
  rotate_wal_ = true;
}

}  // namespace taffrail::store
