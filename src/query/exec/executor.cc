#include "query/exec/executor.h"

#include <algorithm>

#include "query/exec/optimize.h"
#include "query/exec/pipeline.h"
#include "query/plan/text.h"

namespace taffrail::query::exec {
namespace {

using plan::Order;

// Keeps the rows of a batch that the engine was asked for and did not sort out itself.
class Residue {
 public:
  Residue(const ScanSpec& spec, const Pushed& pushed) : spec_(spec), pushed_(pushed) {}

  const expr::Selection& Apply(const record::RecordBatch& batch, const expr::Selection& rows) {
    if (pushed_.range && pushed_.filter) return rows;
    kept_ = rows;
    if (!pushed_.filter) {
      expr::Selection matching;
      spec_.filter->Evaluate(batch, matching);
      kept_.clear();
      std::set_intersection(rows.begin(), rows.end(), matching.begin(), matching.end(),
                            std::back_inserter(kept_));
    }
    if (!pushed_.range) {
      std::erase_if(kept_,
                    [&](uint32_t row) { return !plan::Contains(spec_.range, batch.timestamp_ns[row]); });
    }
    return kept_;
  }

 private:
  const ScanSpec& spec_;
  const Pushed pushed_;
  expr::Selection kept_;
};

absl::Status Run(const plan::Plan& plan, Engine& engine, const ScanSpec& spec, ResultSink& sink,
                 const ExecOptions& options, Budget& budget, ExecStats& stats) {
  stats.pushed = engine.CanPush(spec);
  const bool sorts = plan.source.order != Order::kNone && !stats.pushed.order;
  TAFFRAIL_ASSIGN_OR_RETURN(
      RecordOperatorPtr first,
      BuildPipeline(plan, sorts ? plan.source.order : Order::kNone, sink, options, budget, stats.operators));
  if (!sink.OnColumns(plan::ColumnsOf(plan))) return absl::OkStatus();

  absl::Status status;
  Residue residue(spec, stats.pushed);
  const bool backwards = plan.source.order == Order::kDescending && stats.pushed.order;
  const absl::Status scanned = engine.Scan(
      spec,
      [&](const record::RecordBatch& batch, const expr::Selection& rows) {
        status = budget.Check();
        if (!status.ok()) return false;
        const expr::Selection& kept = residue.Apply(batch, rows);
        Flow flow = Flow::kMore;
        if (!kept.empty()) {
          auto pushed = first->Push({batch, kept, backwards});
          status = pushed.status();
          if (!status.ok()) return false;
          flow = *pushed;
        }
        if (options.progress) options.progress();
        return flow == Flow::kMore;
      },
      stats.scan);
  TAFFRAIL_RETURN_IF_ERROR(status);
  TAFFRAIL_RETURN_IF_ERROR(budget.Check());  // also why an engine may have stopped
  TAFFRAIL_RETURN_IF_ERROR(scanned);
  return first->Finish();
}

// Each operator measured itself with all that came after it.
void SubtractLaterTimes(std::vector<OperatorStats>& operators) {
  for (size_t i = 0; i + 1 < operators.size(); ++i) {
    int64_t later_ns = 0;
    for (size_t j = i + 1; j < operators.size() && later_ns == 0; ++j) later_ns = operators[j].time_ns;
    operators[i].time_ns = std::max<int64_t>(0, operators[i].time_ns - later_ns);
  }
}

}  // namespace

absl::Status Execute(const plan::Plan& plan, Engine& engine, ResultSink& sink, const ExecOptions& options,
                     ExecStats& stats) {
  TAFFRAIL_RETURN_IF_ERROR(plan::Verify(plan));
  const plan::Plan optimized = Optimize(plan);
  Budget budget(options);
  ScanSpec spec;
  spec.range = optimized.source.range;
  spec.order = optimized.source.order;
  TAFFRAIL_ASSIGN_OR_RETURN(spec.filter, expr::Matcher::Compile(optimized.source.filter));
  CollectNeeds(optimized, spec.fields, spec.whole_lines);
  spec.cancelled = [&budget] { return !budget.Check().ok(); };

  stats.engine = engine.Name();
  stats.plan = plan::ToString(optimized);
  const absl::Status status = Run(optimized, engine, spec, sink, options, budget, stats);
  SubtractLaterTimes(stats.operators);
  if (!stats.operators.empty()) stats.rows_out = stats.operators.back().rows_out;
  stats.peak_memory_bytes = budget.peak_bytes();
  stats.time_ns = budget.ElapsedNs();
  return status;
}

}  // namespace taffrail::query::exec
