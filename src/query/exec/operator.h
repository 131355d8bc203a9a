// Operators push: each gets rows, and hands its own to the next. Records travel as batches, tables row by
// row.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/cpu_time.h"
#include "base/status.h"
#include "expr/matcher.h"
#include "expr/value.h"
#include "query/exec/budget.h"
#include "query/exec/executor.h"
#include "query/plan/plan.h"
#include "record/batch.h"

namespace taffrail::query::exec {

enum class Flow : uint8_t { kMore, kEnough };

// A run of records: the selected rows of a batch, in that order or backwards.
struct Records {
  const record::RecordBatch& batch;
  const expr::Selection& rows;
  bool backwards = false;
};

class RecordOperator {
 public:
  virtual ~RecordOperator() = default;
  virtual absl::StatusOr<Flow> Push(const Records& records) = 0;
  virtual absl::Status Finish() = 0;  // no more comes; called once, unless something failed
  // Whether Push may be called by several threads at once, with the batches in any order.
  virtual bool TakesConcurrently() const { return false; }
};

using Row = std::vector<expr::Value>;

class RowOperator {
 public:
  virtual ~RowOperator() = default;
  virtual absl::StatusOr<Flow> Push(Row row) = 0;
  virtual absl::Status Finish() = 0;
};

using RecordOperatorPtr = std::unique_ptr<RecordOperator>;
using RowOperatorPtr = std::unique_ptr<RowOperator>;

// What every operator is given beside its stage. The stats are its own.
struct Context {
  Budget& budget;
  OperatorStats& stats;
};

// Records → records.
absl::StatusOr<RecordOperatorPtr> MakeRecordFilter(const plan::Filter& filter, Context context,
                                                   RecordOperatorPtr next);
RecordOperatorPtr MakeRecordLimit(const plan::Limit& limit, Context context, RecordOperatorPtr next);
// `keep`: rows that later stages take at most; 0: all.
enum class Ties : uint8_t { kFirstFirst, kLastFirst };  // of rows with equal keys, the first or last to come
RecordOperatorPtr MakeRecordSort(const plan::Sort& sort, uint64_t keep, Ties ties, Context context,
                                 RecordOperatorPtr next);
// The same for the first `keep` > 0, when the engine can be asked for chosen records again. Its input needs
// the columns of the keys alone, and times.
using FetchRecords = std::function<absl::Status(std::vector<Position> places, const BatchSink& sink)>;
RecordOperatorPtr MakeTopRecords(const plan::Sort& sort, uint64_t keep, Ties ties, FetchRecords fetch,
                                 Context context, RecordOperatorPtr next);
// Records → the sink.
RecordOperatorPtr MakeRecordOutput(ResultSink& sink, Context context);

// Records → rows.
RecordOperatorPtr MakeProject(const plan::Project& project, Context context, RowOperatorPtr next);
RecordOperatorPtr MakeRecordAggregate(const plan::Aggregate& aggregate, Context context, RowOperatorPtr next);

// Rows → rows. `columns`: of the incoming rows.
using ColumnNames = std::vector<std::string>;
absl::StatusOr<RowOperatorPtr> MakeRowFilter(const plan::Filter& filter, const ColumnNames& columns,
                                             Context context, RowOperatorPtr next);
RowOperatorPtr MakeRowLimit(const plan::Limit& limit, Context context, RowOperatorPtr next);
RowOperatorPtr MakeRowSort(const plan::Sort& sort, const ColumnNames& columns, uint64_t keep, Context context,
                           RowOperatorPtr next);
RowOperatorPtr MakeRowProject(const plan::Project& project, const ColumnNames& columns, Context context,
                              RowOperatorPtr next);
RowOperatorPtr MakeRowAggregate(const plan::Aggregate& aggregate, const ColumnNames& columns, Context context,
                                RowOperatorPtr next);
// Rows → the sink.
RowOperatorPtr MakeRowOutput(ResultSink& sink, Context context);

// Index of the column that a field of a later stage names. REQUIRES: a verified plan.
size_t ColumnIndex(const ColumnNames& columns, const expr::FieldRef& field);

// Adds the time until its end to an operator's own, where somebody wants to know. Operators measure whole
// batches and Finish, not rows: reading a clock costs as much as a row, and that of the processor time as
// much as counting a block.
class Stopwatch {
 public:
  explicit Stopwatch(OperatorStats& stats) : stats_(stats) {
    if (!stats.timed) return;
    begin_ = std::chrono::steady_clock::now();
    cpu_begin_ns_ = base::ThreadCpuNs();
  }
  ~Stopwatch() {
    if (!stats_.timed) return;
    stats_.time_ns +=
        std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - begin_)
            .count();
    stats_.cpu_ns += base::ThreadCpuNs() - cpu_begin_ns_;
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  OperatorStats& stats_;
  std::chrono::steady_clock::time_point begin_;
  int64_t cpu_begin_ns_ = 0;
};

}  // namespace taffrail::query::exec
