// One aggregated column: the state of one function for every group, in arrays by group number.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "expr/field_values.h"
#include "query/exec/budget.h"
#include "query/exec/cells.h"
#include "query/exec/executor.h"
#include "query/plan/plan.h"

namespace taffrail::query::exec {

class AggregateColumn {
 public:
  virtual ~AggregateColumn() = default;
  virtual void AddGroup() = 0;
  // Takes the row on which the cells stand; returns how many bytes more it holds now, modulo 2^64: less is
  // told as what makes the sum right (ChargeSigned).
  virtual size_t Add(size_t group, const Cells& cells) = 0;
  virtual expr::Value Result(size_t group) = 0;
  virtual size_t group_bytes() const = 0;  // for each group, at least
  // After the results: what a person should know of them, or nothing.
  virtual std::string Note() const { return ""; }

  // The rest is for functions that do not depend on the order of rows: such a column may be split into parts,
  // one a thread, and be given many rows at once.
  virtual bool is_splittable() const { return false; }
  // Another part, empty; null: one that MakeAggregateColumn makes of the same call will do.
  virtual std::unique_ptr<AggregateColumn> MakePart() const { return nullptr; }
  // The value of row i goes to group groups[i]; of a count of rows, `values` is null.
  virtual size_t AddAll(std::span<const uint32_t> groups, const expr::FieldValues* values);
  // Takes in what another column of the same call has seen: its group g is groups[g] here.
  virtual size_t Merge(AggregateColumn& other, std::span<const uint32_t> groups);
};

// What columns hold more, or less, now.
inline absl::Status ChargeSigned(Budget& budget, size_t bytes) {
  const auto more = static_cast<int64_t>(bytes);
  if (more < 0) budget.Release(static_cast<uint64_t>(-more));
  return more > 0 ? budget.Charge(bytes, "groups") : absl::OkStatus();
}

// The columns' notes, each once, into `stats`.
inline void AddNotes(const std::vector<std::unique_ptr<AggregateColumn>>& columns, OperatorStats& stats) {
  for (const auto& column : columns) {
    const std::string note = column->Note();
    if (note.empty() || stats.note.find(note) != std::string::npos) continue;
    stats.note += (stats.note.empty() ? "" : "; ") + note;
  }
}

// `cell`: where the call's field is read.
std::unique_ptr<AggregateColumn> MakeAggregateColumn(const plan::Call& call, size_t cell);

// aggregate_quantile.cc. With more numbers than `exact_most` in all groups of all parts together, the large
// ones are condensed (quantile_values.h): sixteen million take 128 MiB, and while they grow a quarter more,
// of the 256 MiB that a query may have by default (ExecOptions::max_memory_bytes).
std::unique_ptr<AggregateColumn> MakeQuantileColumn(double quantile, size_t cell,
                                                    uint64_t exact_most = uint64_t{16} << 20);
// aggregate_more.cc
std::unique_ptr<AggregateColumn> MakeStddevColumn(size_t cell);
std::unique_ptr<AggregateColumn> MakeEndColumn(bool last, size_t cell);

}  // namespace taffrail::query::exec
