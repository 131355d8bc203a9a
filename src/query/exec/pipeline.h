// Turns the stages of a plan into a chain of operators.
#pragma once

#include <vector>

#include "query/exec/operator.h"
#include "query/exec/series.h"

namespace taffrail::query::exec {

// `order`: what the engine will not do of the source's order, or kNone. `fetch`: null, or how a sort for
// which IsTopRecords holds gets its lines. The stats get one entry for each operator and must not be moved
// while the chain lives. A plan that ends in a RangeAggregate puts its series into `matrix` instead of the
// sink.
absl::StatusOr<RecordOperatorPtr> BuildPipeline(const plan::Plan& plan, plan::Order order, ResultSink& sink,
                                                FetchRecords fetch, const ExecOptions& options,
                                                Budget& budget, std::vector<OperatorStats>& stats,
                                                Matrix& matrix);

// Whether the plan begins with a sort of which only the first rows are wanted.
bool IsTopRecords(const plan::Plan& plan);
// How many rows of the source are read at most, from the beginning of its order; 0: all.
uint64_t SourceLimit(const plan::Plan& plan, const ExecOptions& options);

// What the operators read of records.
struct Needs {
  std::vector<expr::FieldRef> fields;
  bool whole_lines = false;
  bool times = false;
};
Needs NeedsOf(const plan::Plan& plan);

}  // namespace taffrail::query::exec
