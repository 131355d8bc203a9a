// A block goes through these stages, each of which may end its way:
//
//   footer      time range, number ranges                    nothing read
//   id index    ids that every matching row has              2 KB read for each id and part
//   heads       timestamps, shapes
//   predicate   the columns that it looks at                 rows selected
//   output      the columns that the reader asked for        only when a row was selected
#include "store/scan.h"

#include <algorithm>
#include <atomic>
#include <numeric>
#include <thread>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "expr/field_reader.h"
#include "store/ordered_merge.h"

namespace taffrail::store {
namespace {

// Threads of one scan beside its caller's. More would starve ingestion on small machines.
constexpr unsigned kMaxHelpers = 7;

struct Candidate {
  const Part* part = nullptr;
  size_t block = 0;
  const MemBatch* mem = nullptr;  // when part is null
  int64_t min_timestamp_ns = 0;
  int64_t max_timestamp_ns = 0;
};

class Scan {
 public:
  Scan(const Snapshot& snapshot, const ScanRequest& request, const ScanSink& sink)
      : snapshot_(snapshot), request_(request), sink_(sink) {}

  absl::Status Run(ScanStats* stats);

 private:
  bool InRange(int64_t min_ns, int64_t max_ns) const {
    return max_ns >= request_.range.from_ns &&
           (min_ns < request_.range.to_ns || request_.range.to_ns == INT64_MAX);
  }
  bool CoveredBy(const Candidate& candidate) const {
    return candidate.min_timestamp_ns >= request_.range.from_ns &&
           (candidate.max_timestamp_ns < request_.range.to_ns || request_.range.to_ns == INT64_MAX);
  }
  bool HasNumbers(const BlockSummary& summary) const;
  std::vector<Candidate> Candidates();
  void Narrow(const Part& part, std::vector<uint32_t>& blocks) ABSL_EXCLUSIVE_LOCKS_REQUIRED(stats_mutex_);
  void Select(const Candidate& candidate, const record::RecordBatch& batch, expr::Selection& rows);
  bool WantsColumn(const record::ColumnKey& key) const;
  absl::Status Open(const Candidate& candidate, OpenedRows& opened);
  absl::Status OpenBlock(const Candidate& candidate, OpenedRows& opened);
  bool Cancelled() const { return request_.cancelled && request_.cancelled(); }
  absl::Status RunUnordered(const std::vector<Candidate>& candidates);
  absl::Status RunOrdered(const std::vector<Candidate>& candidates);
  void Work(const std::vector<Candidate>& candidates);
  bool Deliver(const OpenedRows& opened);

  const Snapshot& snapshot_;
  const ScanRequest& request_;
  const ScanSink& sink_;
  absl::Mutex stats_mutex_;
  ScanStats stats_ ABSL_GUARDED_BY(stats_mutex_);
  // Of an unordered scan:
  std::atomic<size_t> next_candidate_ = 0;
  std::atomic<bool> stopped_ = false;
  absl::Mutex sink_mutex_;
  absl::Status first_error_ ABSL_GUARDED_BY(sink_mutex_);
};

bool Scan::HasNumbers(const BlockSummary& summary) const {
  if (request_.predicate == nullptr) return true;
  for (const expr::Matcher::NumberRange& wanted : request_.predicate->RequiredRanges()) {
    for (const NumberRange& there : summary.numbers) {
      if (there.path == wanted.path && (there.max < wanted.min || there.min > wanted.max)) return false;
    }
  }
  return true;
}

std::vector<Candidate> Scan::Candidates() {
  std::vector<Candidate> candidates;
  absl::MutexLock lock(&stats_mutex_);
  for (const auto& part : *snapshot_.parts) {
    stats_.blocks += part->blocks().size();
    if (!InRange(part->meta().min_timestamp_ns, part->meta().max_timestamp_ns)) {
      stats_.blocks_pruned_time += part->blocks().size();
      continue;
    }
    std::vector<uint32_t> blocks;
    for (uint32_t block = 0; block < part->blocks().size(); ++block) {
      const BlockSummary& summary = part->blocks()[block].summary;
      if (!InRange(summary.min_timestamp_ns, summary.max_timestamp_ns)) {
        ++stats_.blocks_pruned_time;
      } else if (!HasNumbers(summary)) {
        ++stats_.blocks_pruned_range;
      } else {
        blocks.push_back(block);
      }
    }
    Narrow(*part, blocks);
    for (const uint32_t block : blocks) {
      const BlockSummary& summary = part->blocks()[block].summary;
      candidates.push_back({part.get(), block, nullptr, summary.min_timestamp_ns, summary.max_timestamp_ns});
    }
  }
  for (const MemBatch& mem : snapshot_.batches) {
    ++stats_.blocks;
    if (InRange(mem.min_timestamp_ns, mem.max_timestamp_ns)) {
      candidates.push_back({nullptr, 0, &mem, mem.min_timestamp_ns, mem.max_timestamp_ns});
    } else {
      ++stats_.blocks_pruned_time;
    }
  }
  return candidates;
}

// Leaves the blocks that may hold the ids which every matching row has.
void Scan::Narrow(const Part& part, std::vector<uint32_t>& blocks) {
  if (request_.predicate == nullptr || blocks.empty()) return;
  const size_t before = blocks.size();
  part.Narrow(request_.predicate->RequiredWords(), blocks, stats_.bytes_read);
  stats_.blocks_pruned_words += before - blocks.size();
}

// REQUIRES: the columns of the predicate are loaded.
void Scan::Select(const Candidate& candidate, const record::RecordBatch& batch, expr::Selection& rows) {
  if (request_.predicate == nullptr || request_.predicate->MatchesAll()) {
    rows.resize(batch.rows());
    std::iota(rows.begin(), rows.end(), 0);
  } else {
    request_.predicate->Evaluate(batch, rows);
  }
  if (candidate.part != nullptr) candidate.part->EraseDeleted(candidate.block, rows);
  if (!CoveredBy(candidate)) {
    std::erase_if(rows,
                  [&](uint32_t row) { return !InRange(batch.timestamp_ns[row], batch.timestamp_ns[row]); });
  }
  absl::MutexLock lock(&stats_mutex_);
  ++stats_.blocks_read;
  stats_.rows_read += batch.rows();
  stats_.rows_matched += rows.size();
}

bool Scan::WantsColumn(const record::ColumnKey& key) const {
  return request_.columns.line ||
         std::any_of(request_.columns.fields.begin(), request_.columns.fields.end(),
                     [&](const expr::FieldRef& field) { return expr::FieldReader::NeedsColumn(field, key); });
}

absl::Status Scan::OpenBlock(const Candidate& candidate, OpenedRows& opened) {
  TAFFRAIL_ASSIGN_OR_RETURN(BlockReader reader, candidate.part->OpenBlock(candidate.block));
  const expr::Matcher* predicate = request_.predicate.get();
  if (predicate != nullptr) {
    TAFFRAIL_RETURN_IF_ERROR(
        reader.Load([predicate](const record::ColumnKey& key) { return predicate->NeedsColumn(key); }));
  }
  expr::Selection rows;
  Select(candidate, reader.batch(), rows);
  if (!rows.empty()) {
    TAFFRAIL_RETURN_IF_ERROR(reader.Load([this](const record::ColumnKey& key) { return WantsColumn(key); }));
  }
  {
    absl::MutexLock lock(&stats_mutex_);
    stats_.bytes_read += reader.bytes_read();
    stats_.bytes_decoded += reader.bytes_decoded();
  }
  if (rows.empty()) return absl::OkStatus();
  opened.batch = std::make_shared<const record::RecordBatch>(std::move(reader).TakeBatch());
  opened.rows = std::move(rows);  // blocks are in order
  return absl::OkStatus();
}

absl::Status Scan::Open(const Candidate& candidate, OpenedRows& opened) {
  if (candidate.part != nullptr) return OpenBlock(candidate, opened);
  expr::Selection rows;
  Select(candidate, *candidate.mem->batch, rows);
  if (rows.empty()) return absl::OkStatus();
  if (request_.order == Order::kNone) {
    opened = {candidate.mem->batch, std::move(rows)};
  } else {
    opened = InOrder(candidate.mem->batch, std::move(rows));
  }
  return absl::OkStatus();
}

// False when the scan is over.
bool Scan::Deliver(const OpenedRows& opened) {
  if (opened.rows.empty()) return true;
  absl::MutexLock lock(&sink_mutex_);
  if (stopped_.load()) return false;
  return sink_(*opened.batch, opened.rows);
}

void Scan::Work(const std::vector<Candidate>& candidates) {
  while (!stopped_.load()) {
    const size_t i = next_candidate_.fetch_add(1);
    if (i >= candidates.size()) return;
    OpenedRows opened;
    absl::Status status = Cancelled() ? absl::CancelledError("scan cancelled") : Open(candidates[i], opened);
    if (!status.ok()) {
      absl::MutexLock lock(&sink_mutex_);
      first_error_.Update(status);
      stopped_.store(true);
    } else if (!Deliver(opened)) {
      stopped_.store(true);
    }
  }
}

absl::Status Scan::RunUnordered(const std::vector<Candidate>& candidates) {
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  const size_t helpers =
      std::min<size_t>({cores - 1, kMaxHelpers, candidates.empty() ? 0 : candidates.size() - 1});
  std::vector<std::thread> threads;
  for (size_t i = 0; i < helpers; ++i) threads.emplace_back([&] { Work(candidates); });
  Work(candidates);
  for (std::thread& thread : threads) thread.join();
  absl::MutexLock lock(&sink_mutex_);
  return first_error_;
}

absl::Status Scan::RunOrdered(const std::vector<Candidate>& candidates) {
  std::vector<RowSource> sources;
  for (const Candidate& candidate : candidates) {
    const auto open = [this, &candidate](OpenedRows& opened) {
      return Cancelled() ? absl::CancelledError("scan cancelled") : Open(candidate, opened);
    };
    sources.push_back({candidate.min_timestamp_ns, candidate.max_timestamp_ns, open});
  }
  const auto deliver = [this](const record::RecordBatch& batch,
                              const expr::Selection& rows) -> absl::StatusOr<bool> {
    return sink_(batch, rows);
  };
  return MergeInOrder(std::move(sources), request_.order == Order::kDescending, deliver);
}

absl::Status Scan::Run(ScanStats* stats) {
  const std::vector<Candidate> candidates = Candidates();
  absl::Status status = request_.order == Order::kNone ? RunUnordered(candidates) : RunOrdered(candidates);
  if (stats != nullptr) {
    absl::MutexLock lock(&stats_mutex_);
    *stats = stats_;
  }
  return status;
}

}  // namespace

absl::Status ScanSnapshot(const Snapshot& snapshot, const ScanRequest& request, const ScanSink& sink,
                          ScanStats* stats) {
  return Scan(snapshot, request, sink).Run(stats);
}

}  // namespace taffrail::store
