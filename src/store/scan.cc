// A block goes through these stages, each of which may end its way:
//
//   footer      time range, number ranges                    nothing read
//   id index    ids that every matching row has              2 KB read for each id and part
//   heads       timestamps, shapes
//   predicate   step by step, the columns that each looks at while a row is still in
//   output      the columns that the reader asked for, of the shapes that selected rows have
#include "store/scan.h"

#include <algorithm>
#include <atomic>
#include <numeric>
#include <thread>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "base/cpu_time.h"
#include "expr/field_reader.h"
#include "store/number_ranges.h"
#include "store/open_ahead.h"
#include "store/ordered_merge.h"
#include "store/question.h"
#include "store/read_ahead.h"
#include "store/scan_candidate.h"
#include "store/step_order.h"

namespace taffrail::store {
namespace {

// Where fewer rows than one in so many are in, each is read by itself: choosing costs about what it saves.
constexpr size_t kFew = 16;

// Where the index leaves so few blocks, they are fetched as a whole and at once: the fields of a line are
// spread over its block. More might be wanted only in part, or not at all.
constexpr size_t kFewBlocks = 4;

OpenedRows UnknownRows(size_t rows) {
  record::RecordBatch batch;
  batch.shape.resize(rows);
  OpenedRows opened = {std::make_shared<const record::RecordBatch>(std::move(batch)), expr::Selection(rows)};
  std::iota(opened.rows.begin(), opened.rows.end(), 0);
  return opened;
}

class Scan {
 public:
  Scan(const Snapshot& snapshot, const ScanRequest& request, const ScanSink& sink)
      : snapshot_(snapshot), request_(request), sink_(sink), question_(QuestionOf(request)) {}

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
  bool MayMatch(const BlockSummary& summary) ABSL_EXCLUSIVE_LOCKS_REQUIRED(stats_mutex_);
  std::vector<Candidate> Candidates();
  void WillNarrow() const;
  void Narrow(const Part& part, std::vector<BlockRows>& blocks) ABSL_EXCLUSIVE_LOCKS_REQUIRED(stats_mutex_);
  bool WantsTimes(int64_t min_ns, int64_t max_ns) const;
  void KeepPlaces(const record::RecordBatch& batch, expr::Selection& rows) const;
  absl::Status Select(const Candidate& candidate, BlockReader* reader, const record::RecordBatch& batch,
                      expr::Selection& rows);
  absl::Status SelectAll(const record::RecordBatch& batch, expr::Selection& rows);
  const expr::Selection* Remembered(const Candidate& candidate, BlockReader& reader) const;
  absl::Status SelectInBlock(const Candidate& candidate, BlockReader& reader, expr::Selection& rows);
  void CountRows(const Candidate& candidate, bool remembered, size_t matched);
  absl::Status SelectStepwise(BlockReader& reader, const BlockRows& among, expr::Selection& rows);
  void Remember(size_t step, size_t rows_before, size_t rows_after, size_t block_rows);
  absl::Status NarrowPicked(BlockReader& reader, size_t step, expr::Selection& rows);
  static bool AreFew(size_t rows, size_t of) { return rows < of / kFew; }
  absl::Status LoadOutput(BlockReader& reader, const expr::Selection& rows) const;
  absl::StatusOr<std::shared_ptr<BlockReader>> Borrow(const Candidate& candidate);
  absl::StatusOr<std::shared_ptr<const record::RecordBatch>> PickOutput(BlockReader& reader,
                                                                        const expr::Selection& rows) const;
  absl::Status Give(const std::shared_ptr<BlockReader>& reader, expr::Selection rows, OpenedRows& opened);
  bool WantsColumn(const record::ColumnKey& key) const;
  bool TakesAll(const Candidate& candidate) const;
  bool WantsNoValues() const;
  size_t TakeCounted(std::vector<Candidate>& candidates);
  void DeliverCounted(size_t rows);
  void Trim(expr::Selection& rows) const;
  absl::Status Open(const Candidate& candidate, OpenedRows& opened);
  absl::Status OpenBlock(const Candidate& candidate, OpenedRows& opened);
  absl::Status OpenMem(const Candidate& candidate, OpenedRows& opened);
  // What reading the block took.
  void Count(const BlockReader& reader);
  absl::Status CheckCancelled();
  void Report();
  absl::Status RunUnordered(const std::vector<Candidate>& candidates);
  absl::Status RunOrdered(const std::vector<Candidate>& candidates);
  void Work(const std::vector<Candidate>& candidates, size_t distance);
  bool Deliver(const OpenedRows& opened);

  const Snapshot& snapshot_;
  const ScanRequest& request_;
  const ScanSink& sink_;
  const Question question_;
  ReadAhead read_ahead_{snapshot_.cache.get()};
  absl::Mutex stats_mutex_;
  ScanStats stats_ ABSL_GUARDED_BY(stats_mutex_);
  absl::Mutex caller_mutex_;           // the caller's functions need not know of our threads
  std::atomic<bool> stopped_ = false;  // the sink has enough, or something failed
  std::atomic<size_t> emptying_step_ = StepOrder::kAsTheyAre;  // Remember
  // Of an unordered scan:
  std::atomic<size_t> next_candidate_ = 0;
  absl::Mutex sink_mutex_;
  absl::Status first_error_ ABSL_GUARDED_BY(sink_mutex_);
};

std::vector<Candidate> Scan::Candidates() {
  std::vector<Candidate> candidates;
  absl::MutexLock lock(&stats_mutex_);
  WillNarrow();
  for (const auto& part : *snapshot_.parts) {
    stats_.blocks += part->blocks().size();
    if (!InRange(part->meta().min_timestamp_ns, part->meta().max_timestamp_ns)) {
      stats_.blocks_pruned_time += part->blocks().size();
      continue;
    }
    std::vector<BlockRows> blocks(part->blocks().size());
    for (uint32_t block = 0; block < blocks.size(); ++block) blocks[block].block = block;
    // An index names the few blocks of an id at once: the summaries of the others need not be looked at.
    const bool by_index = part->index() != nullptr;
    if (by_index) Narrow(*part, blocks);
    std::erase_if(blocks, [&](const BlockRows& rows) {
      stats_mutex_.AssertHeld();
      return !MayMatch(part->blocks()[rows.block].summary);
    });
    if (!by_index) Narrow(*part, blocks);
    for (const BlockRows& rows : blocks) {
      const BlockSummary& summary = part->blocks()[rows.block].summary;
      candidates.push_back(
          {part.get(), rows.block, nullptr, summary.min_timestamp_ns, summary.max_timestamp_ns, rows});
    }
  }
  if (candidates.size() <= kFewBlocks) {
    for (const Candidate& candidate : candidates) {
      if (!candidate.rows.all()) candidate.part->WillRead(candidate.block);
    }
  }
  for (const MemBatch& mem : snapshot_.batches) {
    ++stats_.blocks;
    if (!WantsTimes(mem.min_timestamp_ns, mem.max_timestamp_ns) ||
        mem.batch->sequence.back() < request_.from_sequence) {
      ++stats_.blocks_pruned_time;
    } else if (request_.predicate != nullptr && !mem.ids->MayHold(request_.predicate->RequiredWords())) {
      ++stats_.blocks_pruned_words;
    } else {
      candidates.push_back({nullptr, 0, &mem, mem.min_timestamp_ns, mem.max_timestamp_ns, {}});
    }
  }
  return candidates;
}

// By what the part's footer says of the block; counts those that cannot.
bool Scan::MayMatch(const BlockSummary& summary) {
  if (!WantsTimes(summary.min_timestamp_ns, summary.max_timestamp_ns) ||
      summary.max_sequence < request_.from_sequence) {
    ++stats_.blocks_pruned_time;
    return false;
  }
  if (request_.predicate == nullptr || MayHold(summary, request_.predicate->RequiredRanges())) return true;
  ++stats_.blocks_pruned_range;
  return false;
}

// Whether rows of these times may be wanted, where there may be a list of those that alone are.
bool Scan::WantsTimes(int64_t min_ns, int64_t max_ns) const {
  if (!InRange(min_ns, max_ns)) return false;
  if (request_.only == nullptr) return true;
  const auto first = std::lower_bound(request_.only->begin(), request_.only->end(), RowPlace{min_ns, 0});
  return first != request_.only->end() && first->timestamp_ns <= max_ns;
}

void Scan::KeepPlaces(const record::RecordBatch& batch, expr::Selection& rows) const {
  const std::vector<RowPlace>& only = *request_.only;
  std::erase_if(rows, [&](uint32_t row) {
    const RowPlace place{batch.timestamp_ns[row], batch.sequence[row]};
    if (place < only.front() || only.back() < place) return true;
    return !std::binary_search(only.begin(), only.end(), place);
  });
}

// On a disk that waits a while for each page, the pages of all parts cost little more than one.
void Scan::WillNarrow() const {
  if (request_.predicate == nullptr || request_.predicate->RequiredWords().empty()) return;
  for (const auto& part : *snapshot_.parts) {
    if (InRange(part->meta().min_timestamp_ns, part->meta().max_timestamp_ns))
      part->WillNarrow(request_.predicate->RequiredWords());
  }
}

// Leaves the blocks, and of them the rows, that may hold the ids which every matching row has.
void Scan::Narrow(const Part& part, std::vector<BlockRows>& blocks) {
  if (request_.predicate == nullptr || blocks.empty()) return;
  const size_t before = blocks.size();
  part.Narrow(request_.predicate->RequiredWords(), blocks, stats_.bytes_read);
  stats_.blocks_pruned_words += before - blocks.size();
}

absl::Status Scan::SelectAll(const record::RecordBatch& batch, expr::Selection& rows) {
  if (request_.predicate != nullptr && !request_.predicate->MatchesAll()) {
    request_.predicate->Evaluate(batch, rows);
    return CheckCancelled();
  }
  rows.resize(batch.rows());
  std::iota(rows.begin(), rows.end(), 0);
  return absl::OkStatus();
}

// Loads the columns that each step looks at while a row is still in; once few rows are, of those alone. Where
// the index says which rows they can be, they are few from the beginning.
absl::Status Scan::SelectStepwise(BlockReader& reader, const BlockRows& among, expr::Selection& rows) {
  const expr::Matcher& predicate = *request_.predicate;
  const record::RecordBatch& batch = reader.batch();
  const StepOrder order(emptying_step_.load());
  size_t at = 0;
  if (among.all()) {
    expr::Bits in(batch.rows(), true);
    size_t count = in.Count();
    for (; at < predicate.steps() && !AreFew(count, batch.rows()); ++at) {
      const size_t step = order.At(at);
      TAFFRAIL_RETURN_IF_ERROR(
          reader.Load([&](const record::Column& column) { return predicate.StepNeeds(step, column.key); }));
      predicate.Narrow(step, batch, in);
      const size_t before = std::exchange(count, in.Count());
      Remember(step, before, count, batch.rows());
      TAFFRAIL_RETURN_IF_ERROR(CheckCancelled());
    }
    rows.reserve(count);
    in.ForEach([&rows](size_t row) { rows.push_back(static_cast<uint32_t>(row)); });
  } else {
    const size_t end = std::min<size_t>(among.end, batch.rows());
    for (size_t row = among.begin; row < end; ++row) rows.push_back(static_cast<uint32_t>(row));
  }
  for (; at < predicate.steps() && !rows.empty(); ++at) {
    TAFFRAIL_RETURN_IF_ERROR(NarrowPicked(reader, order.At(at), rows));
    TAFFRAIL_RETURN_IF_ERROR(CheckCancelled());
  }
  return absl::OkStatus();
}

// A step that leaves nothing of most of a block comes first in the next: of a range that no row is in, the
// end that all rows are beyond. Not one that only few rows had come to, which may be a costly one.
void Scan::Remember(size_t step, size_t rows_before, size_t rows_after, size_t block_rows) {
  if (rows_after == 0 && rows_before > block_rows / 2) {
    emptying_step_ = step;
  } else if (step == emptying_step_) {
    emptying_step_ = StepOrder::kAsTheyAre;
  }
}

absl::Status Scan::NarrowPicked(BlockReader& reader, size_t step, expr::Selection& rows) {
  const expr::Matcher& predicate = *request_.predicate;
  const auto need = [&](const record::Column& column) { return predicate.StepNeeds(step, column.key); };
  TAFFRAIL_ASSIGN_OR_RETURN(const record::RecordBatch picked,
                            predicate.StepWantsIds(step)
                                ? reader.PickForIds(rows, need, predicate.NeedsTimes())
                                : reader.Pick(rows, need, predicate.NeedsTimes()));
  expr::Bits in(rows.size(), true);
  predicate.Narrow(step, picked, in);
  size_t kept = 0;
  in.ForEach([&](size_t i) { rows[kept++] = rows[i]; });
  rows.resize(kept);
  return absl::OkStatus();
}

// The rows that the predicate comes to, if it was asked of this block lately.
const expr::Selection* Scan::Remembered(const Candidate& candidate, BlockReader& reader) const {
  if (question_.filter.empty() || !candidate.rows.all()) return nullptr;
  return reader.answers().Find(question_.filter);
}

absl::Status Scan::SelectInBlock(const Candidate& candidate, BlockReader& reader, expr::Selection& rows) {
  TAFFRAIL_RETURN_IF_ERROR(SelectStepwise(reader, candidate.rows, rows));
  if (!question_.filter.empty() && candidate.rows.all() && AreFew(rows.size(), reader.rows()))
    reader.answers().Keep(question_.filter, rows);
  return absl::OkStatus();
}

void Scan::CountRows(const Candidate& candidate, bool remembered, size_t matched) {
  absl::MutexLock lock(&stats_mutex_);
  ++stats_.blocks_read;
  stats_.blocks_remembered += remembered ? 1 : 0;
  if (!remembered) stats_.rows_read += RowsOf(candidate);
  stats_.rows_matched += matched;
}

// `reader` loads the columns of `batch`; null when they are all there.
absl::Status Scan::Select(const Candidate& candidate, BlockReader* reader, const record::RecordBatch& batch,
                          expr::Selection& rows) {
  const bool all = request_.predicate == nullptr || request_.predicate->MatchesAll();
  const expr::Selection* const remembered = reader == nullptr ? nullptr : Remembered(candidate, *reader);
  if (remembered != nullptr) {
    rows = *remembered;
  } else {
    TAFFRAIL_RETURN_IF_ERROR(reader == nullptr || all ? SelectAll(batch, rows)
                                                      : SelectInBlock(candidate, *reader, rows));
  }
  if (candidate.part != nullptr) candidate.part->EraseDeleted(candidate.block, rows);
  if (!rows.empty() && (!CoveredBy(candidate) || request_.only != nullptr)) {
    if (reader != nullptr) TAFFRAIL_RETURN_IF_ERROR(reader->LoadTimes());
    if (!CoveredBy(candidate)) {
      std::erase_if(rows,
                    [&](uint32_t row) { return !InRange(batch.timestamp_ns[row], batch.timestamp_ns[row]); });
    }
    if (request_.only != nullptr) KeepPlaces(batch, rows);
  }
  CountRows(candidate, remembered != nullptr, rows.size());
  return absl::OkStatus();
}

// The columns that the reader asked for, as far as a selected row has them.
absl::Status Scan::LoadOutput(BlockReader& reader, const expr::Selection& rows) const {
  const record::RecordBatch& batch = reader.batch();
  std::vector<bool> shapes(batch.shapes.size(), false);
  for (const uint32_t row : rows) shapes[batch.shape[row]] = true;
  std::vector<bool> columns(batch.columns.size(), false);
  for (size_t shape = 0; shape < shapes.size(); ++shape) {
    if (!shapes[shape]) continue;
    for (const record::Hole& hole : batch.shapes[shape].holes) columns[hole.column] = true;
  }
  const record::Column* const first = batch.columns.data();
  return reader.Load([&](const record::Column& column) {
    return columns[static_cast<size_t>(&column - first)] && WantsColumn(column.key);
  });
}

// A batch of these rows alone; the one that was picked for the same question, if that came to the same rows.
absl::StatusOr<std::shared_ptr<const record::RecordBatch>> Scan::PickOutput(
    BlockReader& reader, const expr::Selection& rows) const {
  if (auto kept = reader.batches().Find(question_, rows); kept != nullptr) return kept;
  const auto need = [this](const record::Column& column) { return WantsColumn(column.key); };
  TAFFRAIL_ASSIGN_OR_RETURN(record::RecordBatch picked, reader.Pick(rows, need, request_.NeedsTimes()));
  auto batch = std::make_shared<const record::RecordBatch>(std::move(picked));
  if (!question_.filter.empty()) reader.batches().Keep(question_, rows, batch);
  return batch;
}

// What the sink is given: the rows of the block, or when they are few a batch of them alone.
absl::Status Scan::Give(const std::shared_ptr<BlockReader>& reader, expr::Selection rows,
                        OpenedRows& opened) {
  const bool times = request_.NeedsTimes();
  if (WantsNoValues() && !times) {  // then how many they are is all that is read of them
    opened.batch = std::shared_ptr<const record::RecordBatch>(reader, &reader->batch());
  } else if (AreFew(rows.size(), reader->rows())) {
    TAFFRAIL_ASSIGN_OR_RETURN(opened.batch, PickOutput(*reader, rows));
    std::iota(rows.begin(), rows.end(), 0);
  } else {
    if (times) TAFFRAIL_RETURN_IF_ERROR(reader->LoadTimes());
    TAFFRAIL_RETURN_IF_ERROR(LoadOutput(*reader, rows));
    opened.batch = std::shared_ptr<const record::RecordBatch>(reader, &reader->batch());
  }
  opened.rows = std::move(rows);
  return absl::OkStatus();
}

bool Scan::WantsColumn(const record::ColumnKey& key) const {
  return request_.columns.line ||
         std::any_of(request_.columns.fields.begin(), request_.columns.fields.end(),
                     [&](const expr::FieldRef& field) { return expr::FieldReader::NeedsColumn(field, key); });
}

// Whether all rows of the block are part of the answer, in whatever order.
bool Scan::TakesAll(const Candidate& candidate) const {
  const bool all = request_.predicate == nullptr || request_.predicate->MatchesAll();
  return all && request_.only == nullptr && request_.order == Order::kNone && CoveredBy(candidate) &&
         !candidate.part->HasDeleted(candidate.block);
}

// Whether no value of a row is part of the answer.
bool Scan::WantsNoValues() const {
  return !request_.columns.line && !request_.columns.times && request_.columns.fields.empty();
}

// Takes out the blocks of which no more is wanted than how many rows they have: the number of those.
size_t Scan::TakeCounted(std::vector<Candidate>& candidates) {
  if (request_.columns.shapes_only || !WantsNoValues()) return 0;
  absl::MutexLock lock(&stats_mutex_);
  const uint64_t before = stats_.rows_matched;
  std::erase_if(candidates, [&](const Candidate& candidate) {
    stats_mutex_.AssertHeld();
    if (candidate.part == nullptr || !TakesAll(candidate)) return false;
    ++stats_.blocks_counted;
    stats_.rows_matched += candidate.part->blocks()[candidate.block].summary.rows;
    return true;
  });
  return stats_.rows_matched - before;
}

// So many rows of which nothing is known: the same batch again and again, whatever blocks they are of.
void Scan::DeliverCounted(size_t rows) {
  if (rows == 0) return;  // of most scans: they need not wait for that batch to be made
  static const OpenedRows* const most = new OpenedRows(UnknownRows(record::kMaxBatchRows));
  for (; rows >= record::kMaxBatchRows && !stopped_.load(); rows -= record::kMaxBatchRows)
    if (!Deliver(*most)) stopped_.store(true);
  if (rows > 0 && !stopped_.load() && !Deliver(UnknownRows(rows))) stopped_.store(true);
}

// REQUIRES: the rows are in order.
void Scan::Trim(expr::Selection& rows) const {
  if (request_.limit == 0 || rows.size() <= request_.limit || request_.order == Order::kNone) return;
  const auto excess = static_cast<ptrdiff_t>(rows.size() - request_.limit);
  if (request_.order == Order::kDescending) {
    rows.erase(rows.begin(), rows.begin() + excess);
  } else {
    rows.erase(rows.end() - excess, rows.end());
  }
}

void Scan::Count(const BlockReader& reader) {
  if (reader.bytes_read() > 0) read_ahead_.Count(reader.bytes_read(), reader.bytes());
  absl::MutexLock lock(&stats_mutex_);
  stats_.bytes_read += reader.bytes_read();
  stats_.bytes_decoded += reader.bytes_decoded();
}

absl::Status Scan::OpenBlock(const Candidate& candidate, OpenedRows& opened) {
  TAFFRAIL_ASSIGN_OR_RETURN(const std::shared_ptr<BlockReader> reader, Borrow(candidate));
  if (request_.columns.shapes_only && TakesAll(candidate)) {
    opened.batch = std::shared_ptr<const record::RecordBatch>(reader, &reader->batch());
    Count(*reader);
    absl::MutexLock lock(&stats_mutex_);
    ++stats_.blocks_counted;
    stats_.rows_matched += reader->rows();
    return absl::OkStatus();
  }
  if (request_.predicate != nullptr && !request_.predicate->MayMatch(reader->batch())) {
    absl::MutexLock lock(&stats_mutex_);
    ++stats_.blocks_pruned_words;
    return absl::OkStatus();
  }
  // A pass over all blocks needs each frame once: to keep them would fill the cache.
  const bool passing = candidate.rows.all() && request_.only == nullptr && !reader->KeepsFrames();
  TAFFRAIL_RETURN_IF_ERROR(reader->LoadHeads());
  if (request_.predicate != nullptr && request_.predicate->NeedsTimes())
    TAFFRAIL_RETURN_IF_ERROR(reader->LoadTimes());
  expr::Selection rows;
  absl::Status status = Select(candidate, reader.get(), reader->batch(), rows);
  Trim(rows);  // blocks are in order
  if (status.ok() && !rows.empty()) status = Give(reader, std::move(rows), opened);
  if (passing) reader->DropFrames();
  Count(*reader);
  return status;
}

// The block from the cache, or from the file; back to the cache when nobody looks at it any more.
absl::StatusOr<std::shared_ptr<BlockReader>> Scan::Borrow(const Candidate& candidate) {
  const Part& part = *candidate.part;
  const size_t block = candidate.block;
  std::unique_ptr<BlockReader> reader;
  if (snapshot_.cache != nullptr) reader = snapshot_.cache->Take(part, block);
  if (reader == nullptr) {
    TAFFRAIL_ASSIGN_OR_RETURN(reader, part.OpenDirectory(block));
    reader->KeepDictionaries();
  }
  // The snapshot outlives all readers of its rows, and holds the part and the cache.
  return std::shared_ptr<BlockReader>(reader.release(),
                                      [cache = snapshot_.cache, &part, block](BlockReader* used) {
                                        std::unique_ptr<BlockReader> owned(used);
                                        if (cache != nullptr) cache->Put(part, block, std::move(owned));
                                      });
}

absl::Status Scan::OpenMem(const Candidate& candidate, OpenedRows& opened) {
  expr::Selection rows;
  TAFFRAIL_RETURN_IF_ERROR(Select(candidate, nullptr, *candidate.mem->batch, rows));
  if (rows.empty()) return absl::OkStatus();
  if (request_.order == Order::kNone) {
    opened = {candidate.mem->batch, std::move(rows)};
  } else {
    opened = InOrder(candidate.mem->batch, std::move(rows));
    Trim(opened.rows);
  }
  return absl::OkStatus();
}

absl::Status Scan::CheckCancelled() {
  if (stopped_.load()) return absl::CancelledError("the scan has enough");
  if (!request_.cancelled) return absl::OkStatus();
  absl::MutexLock lock(&caller_mutex_);
  return request_.cancelled() ? absl::CancelledError("scan cancelled") : absl::OkStatus();
}

void Scan::Report() {
  if (!request_.report) return;
  ScanStats stats;
  absl::MutexLock caller(&caller_mutex_);
  {
    absl::MutexLock lock(&stats_mutex_);
    stats = stats_;
  }
  request_.report(stats);
}

absl::Status Scan::Open(const Candidate& candidate, OpenedRows& opened) {
  const int64_t cpu_begin_ns = base::ThreadCpuNs();
  absl::Status status = CheckCancelled();
  if (status.ok())
    status = candidate.part != nullptr ? OpenBlock(candidate, opened) : OpenMem(candidate, opened);
  {
    absl::MutexLock lock(&stats_mutex_);
    stats_.cpu_ns += base::ThreadCpuNs() - cpu_begin_ns;
  }
  Report();
  return status;
}

// False when the scan is over.
bool Scan::Deliver(const OpenedRows& opened) {
  const bool told_without_rows = request_.columns.shapes_only && opened.batch != nullptr;
  if (opened.rows.empty() && !told_without_rows) return true;
  if (request_.concurrent) return sink_(*opened.batch, opened.rows);
  absl::MutexLock lock(&sink_mutex_);
  if (stopped_.load()) return false;
  return sink_(*opened.batch, opened.rows);
}

void Scan::Work(const std::vector<Candidate>& candidates, size_t distance) {
  while (!stopped_.load()) {
    const size_t i = next_candidate_.fetch_add(1);
    if (i >= candidates.size()) return;
    if (const size_t next = i + distance; next < candidates.size()) read_ahead_.Ask(candidates[next]);
    OpenedRows opened;
    const absl::Status status = Open(candidates[i], opened);
    if (!status.ok()) {
      absl::MutexLock lock(&sink_mutex_);
      if (!stopped_.exchange(true)) first_error_.Update(status);
    } else if (!Deliver(opened)) {
      stopped_.store(true);
    }
  }
}

absl::Status Scan::RunUnordered(const std::vector<Candidate>& candidates) {
  const size_t helpers =
      std::min<size_t>(HelpersFor(candidates), candidates.empty() ? 0 : candidates.size() - 1);
  const size_t distance = ReadAhead::Distance(helpers);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < helpers; ++i) threads.emplace_back([&] { Work(candidates, distance); });
  Work(candidates, distance);
  for (std::thread& thread : threads) thread.join();
  absl::MutexLock lock(&sink_mutex_);
  return first_error_;
}

absl::Status Scan::RunOrdered(const std::vector<Candidate>& candidates) {
  const bool descending = request_.order == Order::kDescending;
  std::vector<const Candidate*> ordered;
  for (const Candidate& candidate : candidates) ordered.push_back(&candidate);
  std::stable_sort(ordered.begin(), ordered.end(), [descending](const Candidate* a, const Candidate* b) {
    return descending ? a->max_timestamp_ns > b->max_timestamp_ns : a->min_timestamp_ns < b->min_timestamp_ns;
  });
  const unsigned helpers = HelpersFor(candidates);
  OpenAhead ahead(ordered.size(), helpers, [&](size_t i, OpenedRows& opened) {
    if (const size_t next = i + ReadAhead::Distance(helpers); next < ordered.size())
      read_ahead_.Ask(*ordered[next]);
    return Open(*ordered[i], opened);
  });
  std::vector<RowSource> sources;
  for (size_t i = 0; i < ordered.size(); ++i) {
    sources.push_back({ordered[i]->min_timestamp_ns, ordered[i]->max_timestamp_ns,
                       [&ahead, i](OpenedRows& opened) { return ahead.Take(i, opened); }});
  }
  const auto deliver = [this](const record::RecordBatch& batch,
                              const expr::Selection& rows) -> absl::StatusOr<bool> {
    const bool more = sink_(batch, rows);
    if (!more) stopped_.store(true);
    return more;
  };
  return MergeInOrder(std::move(sources), descending, deliver);
}

absl::Status Scan::Run(ScanStats* stats) {
  std::vector<Candidate> candidates = Candidates();
  DeliverCounted(TakeCounted(candidates));
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
