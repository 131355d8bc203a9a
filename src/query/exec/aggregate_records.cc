// Aggregate over records, many rows at a time, on as many threads as the engine has for it.
//
//   batch ── keys ──> a number for each row's value of each key ── group ──> a number for each row
//         └─ calls ─> each function takes all values and the rows' groups
//
// Every thread fills groups of its own, which are merged at the end; the answer does not depend on which
// thread saw which rows (aggregate_column.h: is_splittable). Groups come out in the order of their keys'
// values.
#include <algorithm>
#include <memory>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "base/time_text.h"
#include "query/exec/aggregate_column.h"
#include "query/exec/key_column.h"
#include "query/exec/operator.h"
#include "query/exec/sort_buffer.h"

namespace taffrail::query::exec {
namespace {

using expr::FieldValues;
using expr::Value;

constexpr int64_t kSecondNs = 1'000'000'000;

// Numbers for pairs of numbers: two keys as one.
class PairNumbers {
 public:
  uint32_t Of(uint32_t a, uint32_t b) {
    const uint64_t pair = uint64_t{a} << 32 | b;
    Recent& recent = recent_[(pair ^ pair >> 29) * 0x9e3779b97f4a7c15 >> 54];
    if (recent.pair == pair && recent.is_set) return recent.number;
    const auto [entry, is_new] = numbers_.try_emplace(pair, static_cast<uint32_t>(pairs_.size()));
    if (is_new) pairs_.emplace_back(a, b);
    recent = {pair, entry->second, true};
    return entry->second;
  }
  const std::vector<std::pair<uint32_t, uint32_t>>& pairs() const { return pairs_; }
  static constexpr size_t kEntryBytes = 40;

 private:
  struct Recent {
    uint64_t pair = 0;
    uint32_t number = 0;
    bool is_set = false;
  };
  std::vector<Recent> recent_ = std::vector<Recent>(1024);
  absl::flat_hash_map<uint64_t, uint32_t> numbers_;
  std::vector<std::pair<uint32_t, uint32_t>> pairs_;
};

// The groups of one thread.
class Groups {
 public:
  // `first`: of another thread, of which these will be a part; null: these are the first.
  Groups(const plan::Aggregate& aggregate, Budget& budget, const Groups* first = nullptr)
      : aggregate_(aggregate), budget_(budget), keys_(aggregate.keys.size()) {
    for (const plan::GroupKey& key : aggregate.keys) fields_.push_back(key.field);
    for (const plan::Call& call : aggregate.calls) fields_.push_back(call.field);
    for (size_t i = 0; i < aggregate.calls.size(); ++i) {
      auto part = first == nullptr ? nullptr : first->columns_[i]->MakePart();
      if (part == nullptr) part = MakeAggregateColumn(aggregate.calls[i], aggregate.keys.size() + i);
      columns_.push_back(std::move(part));
    }
    if (keys_.size() > 1) pairs_.resize(keys_.size() - 1);
  }

  bool is_splittable() const {
    return std::all_of(columns_.begin(), columns_.end(),
                       [](const auto& column) { return column->is_splittable(); });
  }

  absl::Status Add(const record::RecordBatch& batch, const expr::Selection& rows) {
    FindGroups(batch, rows);
    TAFFRAIL_RETURN_IF_ERROR(AddGroups());
    size_t bytes = 0;
    for (size_t i = 0; i < columns_.size(); ++i) bytes += AddValues(i, batch, rows);
    return Charge(bytes);
  }

  absl::Status Merge(Groups& other) {
    const size_t size = other.group_count_;
    std::vector<uint32_t> groups(size, 0);
    if (!keys_.empty()) {
      for (size_t g = 0; g < size; ++g) {
        numbers_.clear();
        for (size_t k = 0; k < keys_.size(); ++k) {
          numbers_.push_back(keys_[k].known().Of(other.KeyValue(k, static_cast<uint32_t>(g))));
        }
        groups[g] = Combine(numbers_);
      }
    }
    TAFFRAIL_RETURN_IF_ERROR(AddGroups());
    size_t bytes = 0;
    for (size_t i = 0; i < columns_.size(); ++i) bytes += columns_[i]->Merge(*other.columns_[i], groups);
    return Charge(bytes);
  }

  absl::Status Emit(RowOperator& next, OperatorStats& stats) {
    if (keys_.empty()) TAFFRAIL_RETURN_IF_ERROR(AddGroups());  // one group, also of no rows at all
    std::vector<uint32_t> order(group_count_);
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [this](uint32_t a, uint32_t b) { return CompareGroups(a, b) < 0; });
    for (const uint32_t group : order) {
      Row row;
      for (size_t k = 0; k < keys_.size(); ++k) row.push_back(Shown(k, KeyValue(k, group)));
      for (const auto& column : columns_) row.push_back(column->Result(group));
      ++stats.rows_out;
      TAFFRAIL_ASSIGN_OR_RETURN(const Flow flow, next.Push(std::move(row)));
      if (flow == Flow::kEnough) break;
    }
    AddNotes(columns_, stats);
    return absl::OkStatus();
  }

 private:
  absl::Status Charge(size_t bytes) { return ChargeSigned(budget_, bytes); }

  // Fills groups_ with the group of each row.
  void FindGroups(const record::RecordBatch& batch, const expr::Selection& rows) {
    if (keys_.empty()) {
      groups_.resize(rows.size());  // what was there is 0: nothing else is ever written without keys
      return;
    }
    for (size_t k = 0; k < keys_.size(); ++k) {
      std::vector<uint32_t>& numbers = k == 0 ? groups_ : numbers_;
      NumberRows(k, batch, rows, numbers);
      if (k == 0) continue;
      for (size_t i = 0; i < rows.size(); ++i) groups_[i] = pairs_[k - 1].Of(groups_[i], numbers[i]);
    }
  }

  void NumberRows(size_t k, const record::RecordBatch& batch, const expr::Selection& rows,
                  std::vector<uint32_t>& numbers) {
    const plan::GroupKey& key = aggregate_.keys[k];
    if (key.bucket_ns > 0) return keys_[k].NumberBuckets(batch.timestamp_ns, rows, key.bucket_ns, numbers);
    if (FieldValues::Suits(key.field)) return keys_[k].Number(FieldValues(batch, key.field, rows), numbers);
    RecordCells cells(batch, fields_);
    numbers.clear();
    for (const uint32_t row : rows) {
      cells.MoveTo(row);
      numbers.push_back(keys_[k].known().Of(cells.Read(k)));
    }
  }

  // The group of a row with these numbers of values.
  uint32_t Combine(const std::vector<uint32_t>& numbers) {
    uint32_t group = numbers[0];
    for (size_t k = 1; k < numbers.size(); ++k) group = pairs_[k - 1].Of(group, numbers[k]);
    return group;
  }

  // Makes room for the groups that have appeared.
  absl::Status AddGroups() {
    const size_t groups = keys_.empty()    ? 1
                          : pairs_.empty() ? keys_[0].known().values().size()
                                           : pairs_.back().pairs().size();
    size_t bytes = 0;
    for (; group_count_ < groups; ++group_count_) {
      bytes += pairs_.size() * PairNumbers::kEntryBytes;
      for (const auto& column : columns_) {
        column->AddGroup();
        bytes += column->group_bytes();
      }
    }
    size_t key_bytes = 0;
    for (const KeyColumn& key : keys_) key_bytes += key.known().memory_bytes();
    bytes += key_bytes - std::exchange(key_bytes_, key_bytes);
    return Charge(bytes);
  }

  size_t AddValues(size_t i, const record::RecordBatch& batch, const expr::Selection& rows) {
    AggregateColumn& column = *columns_[i];
    const plan::Call& call = aggregate_.calls[i];
    if (column.is_splittable()) {
      if (!call.has_field) return column.AddAll(groups_, nullptr);
      if (FieldValues::Suits(call.field)) {
        const FieldValues values(batch, call.field, rows);
        return column.AddAll(groups_, &values);
      }
    }
    size_t bytes = 0;
    RecordCells cells(batch, fields_);
    for (size_t r = 0; r < rows.size(); ++r) {
      cells.MoveTo(rows[r]);
      bytes += column.Add(groups_[r], cells);
    }
    return bytes;
  }

  const Value& KeyValue(size_t k, uint32_t group) const {
    for (size_t level = keys_.size() - 1; level > k; --level) group = pairs_[level - 1].pairs()[group].first;
    const uint32_t number = k == 0 ? group : pairs_[k - 1].pairs()[group].second;
    return keys_[k].known().values()[number];
  }

  Value Shown(size_t k, const Value& value) const {
    const int64_t bucket_ns = aggregate_.keys[k].bucket_ns;
    if (bucket_ns == 0) return value;
    return base::FormatRfc3339(std::get<int64_t>(value), bucket_ns % kSecondNs == 0 ? 0 : 9);
  }

  int CompareGroups(uint32_t a, uint32_t b) const {
    for (size_t k = 0; k < keys_.size(); ++k) {
      if (const int order = expr::CompareValues(KeyValue(k, a), KeyValue(k, b)); order != 0) return order;
    }
    for (size_t k = 0; k < keys_.size(); ++k) {  // the same number in two notations
      const int order = expr::ToText(KeyValue(k, a)).compare(expr::ToText(KeyValue(k, b)));
      if (order != 0) return order;
    }
    return 0;
  }

  const plan::Aggregate& aggregate_;
  Budget& budget_;
  std::vector<expr::FieldRef> fields_;  // of the keys, then of the calls: cells
  std::vector<KeyColumn> keys_;
  std::vector<PairNumbers> pairs_;  // [k]: of the first k + 1 keys together and key k + 1
  std::vector<std::unique_ptr<AggregateColumn>> columns_;
  size_t group_count_ = 0;
  size_t key_bytes_ = 0;
  std::vector<uint32_t> groups_;   // of one batch: by row
  std::vector<uint32_t> numbers_;  // scratch
};

class RecordAggregate final : public RecordOperator {
 public:
  RecordAggregate(const plan::Aggregate& aggregate, Context context, RowOperatorPtr next)
      : aggregate_(aggregate),
        context_(context),
        next_(std::move(next)),
        first_(aggregate_, context_.budget),
        is_splittable_(first_.is_splittable()) {}

  bool TakesConcurrently() const override { return is_splittable_; }

  absl::StatusOr<Flow> Push(const Records& records) override {
    OperatorStats stats{.timed = context_.stats.timed};
    std::unique_ptr<Groups> groups = TakeGroups();
    absl::Status status;
    {
      const Stopwatch stopwatch(stats);
      if (records.backwards && !is_splittable_) {
        status = AddBackwards(records, *groups);
      } else {
        status = groups->Add(records.batch, records.rows);
      }
    }
    stats.rows_in = records.rows.size();
    absl::MutexLock lock(&mutex_);
    context_.stats.Add(stats);
    idle_.push_back(std::move(groups));
    if (!status.ok()) return status;
    return Flow::kMore;
  }

  absl::Status Finish() override {
    const Stopwatch stopwatch(context_.stats);
    std::unique_ptr<Groups> all = TakeGroups();
    for (;;) {
      std::unique_ptr<Groups> more;
      {
        absl::MutexLock lock(&mutex_);
        if (idle_.empty()) break;
        more = std::move(idle_.back());
        idle_.pop_back();
      }
      TAFFRAIL_RETURN_IF_ERROR(all->Merge(*more));
    }
    TAFFRAIL_RETURN_IF_ERROR(all->Emit(*next_, context_.stats));
    return next_->Finish();
  }

 private:
  std::unique_ptr<Groups> TakeGroups() {
    absl::MutexLock lock(&mutex_);
    if (idle_.empty()) return std::make_unique<Groups>(aggregate_, context_.budget, &first_);
    std::unique_ptr<Groups> groups = std::move(idle_.back());
    idle_.pop_back();
    return groups;
  }

  // For functions that mind the order: row by row, from the last.
  static absl::Status AddBackwards(const Records& records, Groups& groups) {
    for (size_t i = records.rows.size(); i > 0; --i) {
      TAFFRAIL_RETURN_IF_ERROR(groups.Add(records.batch, {records.rows[i - 1]}));
    }
    return absl::OkStatus();
  }

  const plan::Aggregate aggregate_;
  Context context_;
  RowOperatorPtr next_;
  const Groups first_;  // empty: what the others are made like
  const bool is_splittable_;
  absl::Mutex mutex_;
  std::vector<std::unique_ptr<Groups>> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

RecordOperatorPtr MakeRecordAggregate(const plan::Aggregate& aggregate, Context context,
                                      RowOperatorPtr next) {
  return std::make_unique<RecordAggregate>(aggregate, context, std::move(next));
}

}  // namespace taffrail::query::exec
