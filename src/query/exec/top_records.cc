// Sort of records of which the first few are wanted: reads the keys of all rows and remembers where the best
// stand; lines are read at the end, of those alone. On many threads, each with the best of what it has seen.
#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "expr/field_reader.h"
#include "expr/field_values.h"
#include "query/exec/operator.h"
#include "query/exec/sort_buffer.h"
#include "query/exec/stored_record.h"
#include "record/row_cursor.h"

namespace taffrail::query::exec {
namespace {

using expr::FieldValues;

using Best = SortBuffer<Position, Position>;  // ties by place

class TopRecords final : public RecordOperator {
 public:
  TopRecords(const plan::Sort& sort, uint64_t keep, Ties ties, FetchRecords fetch, Context context,
             RecordOperatorPtr next)
      : keys_(sort.keys),
        keep_(keep),
        ties_(ties),
        fetch_(std::move(fetch)),
        context_(context),
        next_(std::move(next)) {}

  bool TakesConcurrently() const override { return true; }

  absl::StatusOr<Flow> Push(const Records& records) override {
    OperatorStats stats{.timed = context_.stats.timed};
    std::unique_ptr<Best> best = TakeBest();
    absl::Status status;
    {
      const Stopwatch stopwatch(stats);
      status = Choose(records, *best);
    }
    stats.rows_in = records.rows.size();
    absl::MutexLock lock(&mutex_);
    context_.stats.Add(stats);
    idle_.push_back(std::move(best));
    if (!status.ok()) return status;
    return Flow::kMore;
  }

  absl::Status Finish() override {
    const Stopwatch stopwatch(context_.stats);
    std::vector<Position> places;
    TAFFRAIL_RETURN_IF_ERROR(MergeBest(places));
    std::map<Position, StoredRecord> found;
    if (!places.empty()) TAFFRAIL_RETURN_IF_ERROR(Fetch(places, found));
    RecordSender sender(*next_);
    for (const Position& place : places) {
      const auto record = found.find(place);
      if (record == found.end()) continue;  // deleted since
      ++context_.stats.rows_out;
      TAFFRAIL_ASSIGN_OR_RETURN(const Flow flow, sender.Send(record->second));
      if (flow == Flow::kEnough) break;
    }
    TAFFRAIL_RETURN_IF_ERROR(sender.Flush().status());
    return next_->Finish();
  }

 private:
  std::unique_ptr<Best> TakeBest() {
    absl::MutexLock lock(&mutex_);
    if (idle_.empty()) return std::make_unique<Best>(keys_, keep_, context_.budget);
    std::unique_ptr<Best> best = std::move(idle_.back());
    idle_.pop_back();
    return best;
  }

  // The rows that may be among the best, in ascending order: those whose first key is no number that is
  // beaten.
  std::vector<uint32_t> Candidates(const Records& records, const Best& best) const {
    if (!FieldValues::Suits(keys_[0].field)) return records.rows;
    std::vector<uint32_t> rows;
    const FieldValues values(records.batch, keys_[0].field, records.rows);
    const auto take = [&](size_t i) { rows.push_back(records.rows[i]); };
    values.ForEachNumber(
        [&](size_t i, double number) {
          if (!best.IsBeaten(number)) take(i);
        },
        take);
    return rows;
  }

  absl::Status Choose(const Records& records, Best& best) const {
    const record::RecordBatch& batch = records.batch;
    std::vector<expr::FieldReader> readers;
    for (const plan::SortKey& key : keys_) readers.emplace_back(batch, key.field);
    record::RowCursor cursor(batch);
    // While the buffer fills it beats nothing: the first rows are looked at before all others.
    constexpr size_t kStretchRows = 1024;
    expr::Selection stretch;
    for (size_t begin = 0; begin < records.rows.size(); begin += stretch.size()) {
      const size_t size =
          std::min(records.rows.size() - begin, begin == 0 ? kStretchRows : records.rows.size());
      const auto first = records.rows.begin() + static_cast<ptrdiff_t>(begin);
      stretch.assign(first, first + static_cast<ptrdiff_t>(size));
      for (const uint32_t row : Candidates({batch, stretch, false}, best)) {
        cursor.MoveTo(row);
        TAFFRAIL_RETURN_IF_ERROR(Consider(batch, cursor, readers, best));
      }
    }
    return absl::OkStatus();
  }

  absl::Status Consider(const record::RecordBatch& batch, const record::RowCursor& cursor,
                        const std::vector<expr::FieldReader>& readers, Best& best) const {
    const Position place{batch.timestamp_ns[cursor.row()], batch.sequence[cursor.row()]};
    const Position ordinal =
        ties_ == Ties::kFirstFirst ? place : Position{~place.timestamp_ns, ~place.sequence};
    std::vector<expr::Value> keys;
    keys.reserve(readers.size());
    for (const expr::FieldReader& reader : readers) keys.push_back(reader.Read(cursor));
    if (!best.Wants(keys, ordinal)) return absl::OkStatus();
    return best.Add(std::move(keys), ordinal, place, 0);
  }

  // Where the best of all stand, in their order.
  absl::Status MergeBest(std::vector<Position>& places) {
    std::unique_ptr<Best> all = TakeBest();
    absl::MutexLock lock(&mutex_);
    for (const std::unique_ptr<Best>& best : idle_) TAFFRAIL_RETURN_IF_ERROR(all->Merge(*best));
    idle_.clear();
    all->Drain([&places](const Position& place) {
      places.push_back(place);
      return true;
    });
    return absl::OkStatus();
  }

  absl::Status Fetch(const std::vector<Position>& places, std::map<Position, StoredRecord>& found) {
    std::vector<Position> sorted = places;
    std::sort(sorted.begin(), sorted.end());
    absl::Status status;
    const absl::Status fetched =
        fetch_(std::move(sorted), [&](const record::RecordBatch& batch, const expr::Selection& rows) {
          RecordStorer storer(batch);
          record::RowCursor cursor(batch);
          for (const uint32_t row : rows) {
            cursor.MoveTo(row);
            StoredRecord record = storer.Store(cursor);
            status = context_.budget.Charge(sizeof(record) + record.heap_bytes(), "sorted rows");
            if (!status.ok()) return false;
            found.emplace(Position{record.timestamp_ns, record.sequence}, std::move(record));
          }
          return true;
        });
    TAFFRAIL_RETURN_IF_ERROR(status);
    return fetched;
  }

  const std::vector<plan::SortKey> keys_;
  const uint64_t keep_;
  const Ties ties_;
  const FetchRecords fetch_;
  Context context_;
  RecordOperatorPtr next_;
  absl::Mutex mutex_;
  std::vector<std::unique_ptr<Best>> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

RecordOperatorPtr MakeTopRecords(const plan::Sort& sort, uint64_t keep, Ties ties, FetchRecords fetch,
                                 Context context, RecordOperatorPtr next) {
  return std::make_unique<TopRecords>(sort, keep, ties, std::move(fetch), context, std::move(next));
}

}  // namespace taffrail::query::exec
