// Aggregate over a table's rows: a hash table from the keys' bytes to a group number, and one array of states
// for each call. That over records is in aggregate_records.cc.
#include <algorithm>
#include <functional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "base/hash.h"
#include "query/exec/aggregate_column.h"
#include "query/exec/operator.h"
#include "query/exec/sort_buffer.h"

namespace taffrail::query::exec {
namespace {

class Groups {
 public:
  Groups(const plan::Aggregate& aggregate, Context context) : aggregate_(aggregate), context_(context) {
    for (size_t i = 0; i < aggregate.calls.size(); ++i) {
      columns_.push_back(MakeAggregateColumn(aggregate.calls[i], aggregate.keys.size() + i));
    }
  }

  absl::Status Add(const Cells& cells) {
    TAFFRAIL_ASSIGN_OR_RETURN(const size_t group, GroupOf(cells));
    size_t bytes = 0;
    for (const auto& column : columns_) bytes += column->Add(group, cells);
    return bytes == 0 ? absl::OkStatus() : Charge(bytes);
  }

  absl::Status Emit(RowOperator& next) {
    if (aggregate_.keys.empty() && keys_.empty()) TAFFRAIL_RETURN_IF_ERROR(NewGroup({}));
    std::vector<size_t> order(keys_.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(),
              [this](size_t a, size_t b) { return CompareKeys(keys_[a], keys_[b]) < 0; });
    for (const size_t group : order) {
      Row row = std::move(keys_[group]);
      for (const auto& column : columns_) row.push_back(column->Result(group));
      ++context_.stats.rows_out;
      TAFFRAIL_ASSIGN_OR_RETURN(const Flow flow, next.Push(std::move(row)));
      if (flow == Flow::kEnough) break;
    }
    AddNotes(columns_, context_.stats);
    return absl::OkStatus();
  }

 private:
  absl::Status Charge(size_t bytes) { return ChargeSigned(context_.budget, bytes); }

  absl::StatusOr<size_t> GroupOf(const Cells& cells) {
    key_.clear();
    for (size_t i = 0; i < aggregate_.keys.size(); ++i) cells.AppendKey(i, key_);
    const auto found = numbers_.find(std::string_view(key_));
    if (found != numbers_.end()) return found->second;
    const size_t group = keys_.size();
    Row keys;
    for (size_t i = 0; i < aggregate_.keys.size(); ++i) keys.push_back(cells.Read(i));
    TAFFRAIL_RETURN_IF_ERROR(NewGroup(std::move(keys)));
    numbers_.emplace(key_, group);
    return group;
  }

  absl::Status NewGroup(Row keys) {
    constexpr size_t kTableBytes = 64;  // of an entry of the hash table
    size_t bytes = sizeof(Row) + HeapBytes(keys) + key_.size() + kTableBytes;
    for (const auto& column : columns_) {
      column->AddGroup();
      bytes += column->group_bytes();
    }
    keys_.push_back(std::move(keys));
    return Charge(bytes);
  }

  static int CompareKeys(const Row& a, const Row& b) {
    for (size_t i = 0; i < a.size(); ++i) {
      if (const int order = expr::CompareValues(a[i], b[i]); order != 0) return order;
    }
    for (size_t i = 0; i < a.size(); ++i) {  // the same number in two notations
      if (const int order = expr::ToText(a[i]).compare(expr::ToText(b[i])); order != 0) return order;
    }
    return 0;
  }

  const plan::Aggregate aggregate_;
  Context context_;
  std::vector<std::unique_ptr<AggregateColumn>> columns_;
  absl::flat_hash_map<std::string, size_t, base::StringHash, std::equal_to<>> numbers_;
  std::vector<Row> keys_;  // by group
  std::string key_;        // of the row being added
};

class RowAggregate final : public RowOperator {
 public:
  RowAggregate(const plan::Aggregate& aggregate, std::vector<size_t> cells, Context context,
               RowOperatorPtr next)
      : cells_(std::move(cells)), groups_(aggregate, context), context_(context), next_(std::move(next)) {}

  absl::StatusOr<Flow> Push(Row row) override {
    ++context_.stats.rows_in;
    cells_.MoveTo(row);
    TAFFRAIL_RETURN_IF_ERROR(groups_.Add(cells_));
    return Flow::kMore;
  }
  absl::Status Finish() override {
    const Stopwatch stopwatch(context_.stats);
    TAFFRAIL_RETURN_IF_ERROR(groups_.Emit(*next_));
    return next_->Finish();
  }

 private:
  RowCells cells_;
  Groups groups_;
  Context context_;
  RowOperatorPtr next_;
};

}  // namespace

RowOperatorPtr MakeRowAggregate(const plan::Aggregate& aggregate, const ColumnNames& columns, Context context,
                                RowOperatorPtr next) {
  std::vector<size_t> cells;
  for (const plan::GroupKey& key : aggregate.keys) cells.push_back(ColumnIndex(columns, key.field));
  for (const plan::Call& call : aggregate.calls)
    cells.push_back(call.has_field ? ColumnIndex(columns, call.field) : 0);
  return std::make_unique<RowAggregate>(aggregate, std::move(cells), context, std::move(next));
}

}  // namespace taffrail::query::exec
