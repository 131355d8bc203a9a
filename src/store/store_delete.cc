// Deleting rows by what they say, and days as a whole.
//
// A delete looks at the parts of one moment, flushed before so that they have all acknowledged rows; no merge
// runs meanwhile, since it would carry rows away that are being marked. For each part it writes a file with
// all deleted rows, old and new; one edit of the manifest makes the files count. A crash before leaves files
// that no manifest names, which the next start removes.
#include <algorithm>
#include <numeric>
#include <utility>

#include "store/scan.h"
#include "store/store_impl.h"

namespace taffrail::store {
namespace {

// The rows of one part that a delete is for.
class PartMatches {
 public:
  PartMatches(const Part& part, const DeleteRequest& request, uint64_t end_sequence)
      : part_(part), request_(request), end_sequence_(end_sequence) {}

  // Calls visit(block, rows) for the blocks that have some, rows already deleted left out.
  template <typename Visit>
  absl::Status ForEach(const Visit& visit) const {
    for (const BlockRows& candidate : Candidates()) {
      const uint32_t block = candidate.block;
      if (request_.cancelled && request_.cancelled()) return absl::CancelledError("delete cancelled");
      expr::Selection rows;
      TAFFRAIL_RETURN_IF_ERROR(Find(block, rows));
      if (!rows.empty()) visit(block, rows);
    }
    return absl::OkStatus();
  }

 private:
  bool InRange(int64_t min_ns, int64_t max_ns) const {
    const TimeRange& range = request_.range;
    return max_ns >= range.from_ns && (min_ns < range.to_ns || range.to_ns == INT64_MAX);
  }

  std::vector<BlockRows> Candidates() const {
    std::vector<BlockRows> blocks;
    for (uint32_t block = 0; block < part_.blocks().size(); ++block) {
      const BlockSummary& summary = part_.blocks()[block].summary;
      if (InRange(summary.min_timestamp_ns, summary.max_timestamp_ns)) blocks.push_back({.block = block});
    }
    uint64_t bytes_read = 0;
    if (request_.predicate != nullptr) part_.Narrow(request_.predicate->RequiredWords(), blocks, bytes_read);
    return blocks;
  }

  absl::Status Find(uint32_t block, expr::Selection& rows) const {
    TAFFRAIL_ASSIGN_OR_RETURN(BlockReader reader, part_.OpenBlock(block));
    const expr::Matcher* const predicate = request_.predicate.get();
    if (predicate == nullptr || predicate->MatchesAll()) {
      rows.resize(reader.batch().rows());
      std::iota(rows.begin(), rows.end(), 0);
    } else {
      TAFFRAIL_RETURN_IF_ERROR(reader.Load(
          [predicate](const record::Column& column) { return predicate->NeedsColumn(column.key); }));
      predicate->Evaluate(reader.batch(), rows);
    }
    const record::RecordBatch& batch = reader.batch();
    std::erase_if(rows, [&](uint32_t row) {
      return batch.sequence[row] >= end_sequence_ ||
             !InRange(batch.timestamp_ns[row], batch.timestamp_ns[row]);
    });
    part_.EraseDeleted(block, rows);
    return absl::OkStatus();
  }

  const Part& part_;
  const DeleteRequest& request_;
  const uint64_t end_sequence_;
};

}  // namespace

PartList StoreImpl::CurrentParts() {
  absl::MutexLock lock(&mutex_);
  return *parts_;
}

void StoreImpl::ReplaceParts(const PartList& removed, const PartList& added) {
  absl::MutexLock lock(&mutex_);
  PartList parts = *parts_;
  std::erase_if(parts, [&](const auto& part) {
    return std::find(removed.begin(), removed.end(), part) != removed.end();
  });
  parts.insert(parts.end(), added.begin(), added.end());
  parts_ = std::make_shared<const PartList>(std::move(parts));
}

absl::StatusOr<RemovalReport> StoreImpl::Delete(const DeleteRequest& request) {
  if (request.dry_run) return CountMatching(request);
  if (options_.read_only) return absl::FailedPreconditionError("the store is open for reading only");
  uint64_t end_sequence = 0;
  {
    absl::MutexLock lock(&mutex_);
    end_sequence = next_sequence_;
  }
  TAFFRAIL_RETURN_IF_ERROR(Flush());
  const MergePace::Hurry hurry(merge_pace_);
  absl::MutexLock lock(&merge_mutex_);
  return DeleteLocked(request, end_sequence);
}

absl::StatusOr<RemovalReport> StoreImpl::CountMatching(const DeleteRequest& request) {
  RemovalReport report;
  ScanRequest scan;
  scan.range = request.range;
  scan.predicate = request.predicate;
  scan.cancelled = request.cancelled;
  const auto count = [&](const record::RecordBatch&, const expr::Selection& rows) {
    report.rows += rows.size();
    return true;
  };
  TAFFRAIL_RETURN_IF_ERROR(Scan(scan, count, nullptr));
  return report;
}

absl::StatusOr<RemovalReport> StoreImpl::DeleteLocked(const DeleteRequest& request, uint64_t end_sequence) {
  RemovalReport report;
  ManifestEdit edit;
  PartList before;
  PartList after;
  std::vector<std::shared_ptr<DeletedRows>> written;
  const auto give_up = [&written](absl::Status status) {
    for (const auto& deleted : written) deleted->Abandon();
    return status;
  };
  for (const auto& part : CurrentParts()) {
    auto deleted = std::make_shared<DeletedRows>(part->meta().id, next_part_id_++);
    uint64_t found = 0;
    absl::Status status =
        PartMatches(*part, request, end_sequence).ForEach([&](uint32_t block, const expr::Selection& rows) {
          found += rows.size();
          deleted->Add(block, part->blocks()[block].offset, rows);
        });
    if (!status.ok()) return give_up(std::move(status));
    if (found == 0) continue;
    report.rows += found;
    ++report.parts;
    before.push_back(part);
    if (found + part->meta().deleted_rows == part->meta().rows) {
      edit.removed.push_back(part->meta().id);
      report.disk_bytes += part->meta().file_bytes;
      continue;
    }
    if (part->deleted() != nullptr) {
      for (const auto& [block, rows] : part->deleted()->blocks()) deleted->Add(block, rows.offset, rows.rows);
    }
    written.push_back(deleted);
    status = deleted->Write(env_, options_.dir);
    if (!status.ok()) return give_up(std::move(status));
    edit.deletes.push_back({part->meta().id, deleted->number(), deleted->count()});
    after.push_back(part->WithDeleted(std::move(deleted)));
  }
  if (before.empty()) return report;
  if (absl::Status status = env_.SyncDir(options_.dir); !status.ok()) return give_up(std::move(status));
  if (absl::Status status = CommitEdit(std::move(edit)); !status.ok()) {
    absl::MutexLock lock(&manifest_mutex_);
    doubtful_deletes_.insert(doubtful_deletes_.end(), written.begin(), written.end());
    return status;
  }
  ReplaceParts(before, after);
  for (const auto& part : before) {
    const bool whole = std::none_of(after.begin(), after.end(),
                                    [&](const auto& other) { return other->meta().id == part->meta().id; });
    whole ? part->Abandon() : part->AbandonDeleted();
  }
  absl::MutexLock lock(&mutex_);
  merge_wanted_ = true;
  return report;
}

absl::StatusOr<RemovalReport> StoreImpl::DropBefore(int32_t day, bool dry_run) {
  if (dry_run) {
    RemovalReport report;
    for (const auto& part : CurrentParts()) {
      if (part->meta().day >= day) continue;
      report.rows += part->meta().rows - part->meta().deleted_rows;
      report.disk_bytes += part->meta().file_bytes;
      ++report.parts;
    }
    for (const MemBatch& mem : TakeSnapshot().batches) {
      report.rows +=
          static_cast<uint64_t>(std::count_if(mem.batch->timestamp_ns.begin(), mem.batch->timestamp_ns.end(),
                                              [day](int64_t time) { return DayOf(time) < day; }));
    }
    return report;
  }
  if (options_.read_only) return absl::FailedPreconditionError("the store is open for reading only");
  TAFFRAIL_RETURN_IF_ERROR(Flush());
  const MergePace::Hurry hurry(merge_pace_);
  absl::MutexLock lock(&merge_mutex_);
  return DropLocked(day);
}

absl::StatusOr<RemovalReport> StoreImpl::DropLocked(int32_t day) {
  RemovalReport report;
  ManifestEdit edit;
  PartList dropped;
  for (const auto& part : CurrentParts()) {
    if (part->meta().day >= day) continue;
    edit.removed.push_back(part->meta().id);
    report.rows += part->meta().rows - part->meta().deleted_rows;
    report.disk_bytes += part->meta().file_bytes;
    ++report.parts;
    dropped.push_back(part);
  }
  if (dropped.empty()) return report;
  TAFFRAIL_RETURN_IF_ERROR(CommitEdit(std::move(edit)));
  ReplaceParts(dropped, {});
  for (const auto& part : dropped) part->Abandon();
  return report;
}

}  // namespace taffrail::store
