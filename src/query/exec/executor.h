// Runs a plan over an engine.
//
//   ExecStats stats;
//   absl::Status status = Execute(*plan, engine, sink, options, stats);
//
// Rows go to the sink as soon as they are known: a search streams, sorts and aggregates answer at the end.
// Filters and columns are pushed into the engine; an ordered search with a limit stops reading once it has
// its rows.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "expr/value.h"
#include "query/exec/budget.h"
#include "query/exec/engine.h"
#include "query/plan/plan.h"
#include "record/batch.h"

namespace taffrail::query::exec {

struct Entry;
struct Matrix;

// A record in an answer. The views and the labels are valid during the call.
struct LogRow {
  int64_t timestamp_ns = 0;
  uint64_t sequence = 0;  // 0 when the engine has none
  const record::Labels* labels = nullptr;
  std::string_view line;
  std::string_view attributes;   // a JSON object, or empty; of an entry all fields beside the labels
  const Entry* entry = nullptr;  // when stages looked inside the line (entry.h)
};

// Receives the answer: records, or rows of a table. Each returns whether more is wanted.
class ResultSink {
 public:
  virtual ~ResultSink() = default;
  // Once, before any row; empty for records.
  virtual bool OnColumns(const std::vector<std::string>& columns) = 0;
  virtual bool OnRecord(const LogRow& row) = 0;
  virtual bool OnRow(const std::vector<expr::Value>& row) = 0;
  // The answer of a plan that ends in series. False: not wanted as a whole; then its rows (labels as a JSON
  // object, time, value) come one by one.
  virtual bool OnMatrix(const Matrix& /*matrix*/) { return false; }
};

struct OperatorStats {
  std::string name;  // the stage's line in the plan
  uint64_t rows_in = 0;
  uint64_t rows_out = 0;
  // Its own, without those after it; of several threads the sum.
  int64_t time_ns = 0;
  int64_t cpu_ns = 0;
  bool timed = false;  // else both stay 0
  std::string note;    // for a person: what went wrong without failing the query

  void Add(const OperatorStats& other) {
    rows_in += other.rows_in;
    rows_out += other.rows_out;
    time_ns += other.time_ns;
    cpu_ns += other.cpu_ns;
  }
};

struct PassStats {
  std::string name;
  bool changed = false;
  int64_t time_ns = 0;
};

struct ExecStats {
  std::vector<PassStats> passes;  // of the optimizer, in their order
  std::string engine;
  std::string plan;  // as run, after the optimizer
  Pushed pushed;
  ScanStats scan;
  std::vector<OperatorStats> operators;
  uint64_t rows_out = 0;
  uint64_t peak_memory_bytes = 0;
  int64_t time_ns = 0;
};

// InvalidArgument: the plan or one of its conditions is wrong. ResourceExhausted, DeadlineExceeded,
// Cancelled: budget.h. Else what the engine says. `stats` is filled also when it fails.
absl::Status Execute(const plan::Plan& plan, Engine& engine, ResultSink& sink, const ExecOptions& options,
                     ExecStats& stats);

// The records of a source in the batches that the engine has them in, with these columns and their times: for
// what no operator does. Without an order the sink may be called by several threads at once; an order is the
// engine's own, or none where it has none.
struct RecordColumns {
  std::vector<expr::FieldRef> fields;
  bool lines = false;  // everything: the stored line and attributes
};
absl::Status ReadRecords(const plan::Source& source, const RecordColumns& columns, Engine& engine,
                         const BatchSink& sink, const ExecOptions& options, ExecStats& stats);

// What a person should hear of a query that went well: "jq failed for 3 lines, first …". One a line.
std::vector<std::string> NotesOf(const ExecStats& stats);

// The plan, what the engine did of it, what was skipped and read, and where the time went: text for a person.
std::string Explain(const ExecStats& stats);

}  // namespace taffrail::query::exec
