// Turns the stages of a plan into a chain of operators.
#pragma once

#include <vector>

#include "query/exec/operator.h"
#include "query/exec/series.h"

namespace taffrail::query::exec {

// `order`: what the engine will not do of the source's order, or kNone. The stats get one entry for each
// operator and must not be moved while the chain lives. A plan that ends in a RangeAggregate puts its series
// into `matrix` instead of the sink.
absl::StatusOr<RecordOperatorPtr> BuildPipeline(const plan::Plan& plan, plan::Order order, ResultSink& sink,
                                                const ExecOptions& options, Budget& budget,
                                                std::vector<OperatorStats>& stats, Matrix& matrix);

// Fields of records that the operators read, and whether they read whole lines.
void CollectNeeds(const plan::Plan& plan, std::vector<expr::FieldRef>& fields, bool& whole_lines);

}  // namespace taffrail::query::exec
