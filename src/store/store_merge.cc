// Merging parts in the background.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/thread_priority.h"
#include "store/backoff.h"
#include "store/day_parts_writer.h"
#include "store/merge_policy.h"
#include "store/part_merge.h"
#include "store/store_impl.h"

namespace taffrail::store {
namespace {

// A ninth of the share of a query's thread where both want the core, all of it where none does.
constexpr int kMergeNice = 10;

}  // namespace

absl::Status StoreImpl::Compact() {
  if (options_.read_only) return absl::FailedPreconditionError("the store is open for reading only");
  while (true) {
    TAFFRAIL_ASSIGN_OR_RETURN(const bool merged, MergeOnce(PickWholeDay, nullptr));
    if (!merged) return absl::OkStatus();
  }
}

absl::StatusOr<bool> StoreImpl::MergeOnce(Picker pick, MergePace* pace) {
  std::optional<MergePace::Hurry> hurry;
  if (pace == nullptr) hurry.emplace(merge_pace_);  // whoever called waits for a merge that is under way
  absl::MutexLock lock(&merge_mutex_);
  return MergeLocked(pick, pace);
}

// False when there was nothing to merge.
absl::StatusOr<bool> StoreImpl::MergeLocked(Picker pick, MergePace* pace) {
  PartList inputs;
  {
    absl::MutexLock lock(&mutex_);
    std::vector<PartMeta> metas;
    for (const auto& part : *parts_) metas.push_back(part->meta());
    const std::vector<uint64_t> ids = pick(metas);
    for (const auto& part : *parts_) {
      if (std::find(ids.begin(), ids.end(), part->meta().id) != ids.end()) inputs.push_back(part);
    }
  }
  if (inputs.empty()) return false;
  TAFFRAIL_RETURN_IF_ERROR(CheckMergeSpace(inputs));

  ManifestEdit edit;
  DayPartsWriter::Options options{.env = &env_,
                                  .dir = options_.dir,
                                  .next_id = [this] { return next_part_id_++; },
                                  .memory = &encoding_memory_};
  for (const auto& part : inputs) {
    edit.removed.push_back(part->meta().id);
    options.replaced.push_back(part->meta().id);
    options.replaced.insert(options.replaced.end(), part->replaced().begin(), part->replaced().end());
  }
  DayPartsWriter writer(std::move(options));
  if (pace != nullptr) pace->BeginMerge();
  absl::Status status = MergeParts(inputs, writer, stopping_, pace);
  absl::StatusOr<PartList> outputs = status.ok() ? writer.Finish() : absl::StatusOr<PartList>(status);
  if (!outputs.ok()) {
    for (const uint64_t id : writer.ids())
      env_.Remove(base::JoinPath(options_.dir, PartName(id))).IgnoreError();
    return outputs.status();
  }
  for (const auto& part : *outputs) edit.added.push_back(part->meta());
  if (status = CommitEdit(std::move(edit)); !status.ok()) {
    absl::MutexLock lock(&manifest_mutex_);
    doubtful_.insert(doubtful_.end(), outputs->begin(), outputs->end());
    return status;
  }
  ReplaceParts(inputs, *outputs);
  for (const auto& part : inputs) part->Abandon();
  {
    absl::MutexLock lock(&mutex_);
    ++merges_;
    for (const auto& part : *outputs) merged_bytes_ += part->meta().file_bytes;
  }
  // The last block, the index and the footer: all there is to a small merge. Before the next one begins.
  if (pace != nullptr) pace->WroteInAll(writer.bytes());
  return true;
}

absl::Status StoreImpl::CheckMergeSpace(const PartList& inputs) {
  uint64_t needed = options_.min_free_bytes / 2;  // the other half is for flushes
  for (const auto& part : inputs) needed += part->meta().file_bytes;
  TAFFRAIL_ASSIGN_OR_RETURN(const base::DiskSpace space, env_.Space(options_.dir));
  if (space.available_bytes >= needed) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      fmt::format("{}: {} bytes free, a merge needs {}", options_.dir, space.available_bytes, needed));
}

void StoreImpl::MergeLoop() {
  base::LowerThreadPriority(kMergeNice);
  Backoff backoff;
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      const auto wanted = [this]()
                              ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return merge_wanted_ || stopping_; };
      mutex_.Await(absl::Condition(&wanted));
      if (stopping_) return;
      merge_wanted_ = false;
      merging_ = true;
    }
    const absl::StatusOr<bool> merged = MergeOnce(PickMerge, &merge_pace_);
    {
      absl::MutexLock lock(&mutex_);
      merging_ = false;
      merge_error_ = merged.status();
      merge_wanted_ = merge_wanted_ || !merged.ok() || *merged;
    }
    if (merged.ok()) {
      backoff.Reset();
    } else {
      WaitToRetry(merged.status(), backoff.Next());
    }
  }
}

}  // namespace taffrail::store
