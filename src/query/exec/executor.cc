#include "query/exec/executor.h"

#include <algorithm>

#include "base/time_text.h"
#include "fmt/format.h"
#include "query/exec/operator.h"
#include "query/exec/optimize.h"
#include "query/exec/pipeline.h"
#include "query/exec/vector.h"
#include "query/plan/text.h"
#include "record/json_writer.h"

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
                 const ExecOptions& options, Budget& budget, ExecStats& stats, Matrix& matrix) {
  stats.pushed = engine.CanPush(spec);
  const bool sorts = plan.source.order != Order::kNone && !stats.pushed.order;
  TAFFRAIL_ASSIGN_OR_RETURN(RecordOperatorPtr first,
                            BuildPipeline(plan, sorts ? plan.source.order : Order::kNone, sink, options,
                                          budget, stats.operators, matrix));
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

// Reads what the plan's source asks for, up to the first stage on series.
absl::Status RunScan(const plan::Plan& plan, Engine& engine, ResultSink& sink, const ExecOptions& options,
                     Budget& budget, ExecStats& stats, Matrix& matrix) {
  ScanSpec spec;
  spec.range = plan.source.range;
  spec.order = plan.source.order;
  TAFFRAIL_ASSIGN_OR_RETURN(spec.filter, expr::Matcher::Compile(plan.source.filter));
  CollectNeeds(plan, spec.fields, spec.whole_lines);
  spec.cancelled = [&budget] { return !budget.Check().ok(); };
  return Run(plan, engine, spec, sink, options, budget, stats, matrix);
}

void AddScan(const ScanStats& from, ScanStats& to) {
  to.blocks += from.blocks;
  to.blocks_pruned_time += from.blocks_pruned_time;
  to.blocks_pruned_words += from.blocks_pruned_words;
  to.blocks_pruned_range += from.blocks_pruned_range;
  to.blocks_read += from.blocks_read;
  to.rows_read += from.rows_read;
  to.rows_matched += from.rows_matched;
  to.bytes_read += from.bytes_read;
  to.bytes_decoded += from.bytes_decoded;
}

// Series take the place of the answer inside a query: nothing of it goes to a sink.
class NoSink final : public ResultSink {
 public:
  bool OnColumns(const std::vector<std::string>&) override { return true; }
  bool OnRecord(const LogRow&) override { return false; }
  bool OnRow(const std::vector<expr::Value>&) override { return false; }
};

absl::StatusOr<Matrix> RunSeries(const plan::Plan& plan, Engine& engine, const ExecOptions& options,
                                 Budget& budget, ExecStats& stats);

absl::Status ApplyStage(const plan::Stage& stage, Engine& engine, const ExecOptions& options, Budget& budget,
                        ExecStats& stats, Matrix& matrix) {
  if (const auto* aggregate = std::get_if<plan::VectorAggregate>(&stage)) Apply(*aggregate, matrix);
  if (const auto* operation = std::get_if<plan::ScalarOperation>(&stage)) Apply(*operation, matrix);
  if (const auto* replace = std::get_if<plan::LabelReplace>(&stage)) return Apply(*replace, matrix);
  if (const auto* join = std::get_if<plan::Join>(&stage)) {
    TAFFRAIL_ASSIGN_OR_RETURN(const Matrix right, RunSeries(*join->right, engine, options, budget, stats));
    return ApplyJoin(*join, matrix, right);
  }
  return absl::OkStatus();
}

absl::StatusOr<Matrix> RunSeries(const plan::Plan& plan, Engine& engine, const ExecOptions& options,
                                 Budget& budget, ExecStats& stats) {
  Matrix matrix;
  auto stage = plan.stages.begin();
  if (plan.source.constant) {
    matrix = MakeConstantMatrix(*plan.source.constant);
  } else {
    plan::Plan scan;
    scan.source = plan.source;
    scan.source.order = Order::kNone;  // what has been counted has no order
    while (!std::holds_alternative<plan::RangeAggregate>(*stage)) scan.stages.push_back(*stage++);
    scan.stages.push_back(*stage++);
    for (const plan::Stage& each : scan.stages) {
      const bool by_order =
          std::holds_alternative<plan::Limit>(each) || std::holds_alternative<plan::Dedup>(each);
      if (by_order) scan.source.order = plan.source.order;
    }
    NoSink sink;
    ExecStats own;
    const absl::Status status = RunScan(scan, engine, sink, options, budget, own, matrix);
    AddScan(own.scan, stats.scan);
    stats.pushed = own.pushed;
    SubtractLaterTimes(own.operators);
    stats.operators.insert(stats.operators.end(), own.operators.begin(), own.operators.end());
    TAFFRAIL_RETURN_IF_ERROR(status);
  }
  for (; stage != plan.stages.end(); ++stage) {
    OperatorStats own{.name = plan::ToString(*stage), .rows_in = matrix.series.size()};
    {
      const Stopwatch stopwatch(own);
      TAFFRAIL_RETURN_IF_ERROR(ApplyStage(*stage, engine, options, budget, stats, matrix));
      TAFFRAIL_RETURN_IF_ERROR(budget.Check());
    }
    own.rows_out = matrix.series.size();
    stats.operators.push_back(std::move(own));
  }
  return matrix;
}

std::string LabelsJson(const Series& series) {
  std::string json = "{";
  for (const auto& [name, value] : series.labels) {
    if (json.size() > 1) json += ',';
    record::AppendJsonString(name, json);
    json += ':';
    record::AppendJsonString(value, json);
  }
  return json + "}";
}

absl::Status EmitSeries(const Matrix& matrix, ResultSink& sink, const ExecOptions& options,
                        ExecStats& stats) {
  if (options.max_series > 0 && matrix.series.size() > options.max_series) {
    return absl::ResourceExhaustedError(fmt::format(
        "maximum number of series ({}) reached for a single query; consider reducing query cardinality "
        "by adding more specific stream selectors, reducing the time range, or aggregating results "
        "with functions like sum(), count() or topk()",
        options.max_series));
  }
  if (!sink.OnColumns({"labels", "time", "value"})) return absl::OkStatus();
  for (const Series& series : matrix.series) {
    stats.rows_out += static_cast<uint64_t>(std::count(series.present.begin(), series.present.end(), true));
  }
  if (sink.OnMatrix(matrix)) return absl::OkStatus();
  uint64_t rows = 0;
  for (const Series& series : matrix.series) {
    const expr::Json labels{LabelsJson(series)};
    for (size_t point = 0; point < matrix.grid.points(); ++point) {
      if (!series.present[point]) continue;
      if (options.max_rows > 0 && rows++ == options.max_rows) return absl::OkStatus();
      const std::string time = base::FormatRfc3339(matrix.grid.At(point));
      if (!sink.OnRow({labels, time, expr::MakeNumber(series.values[point])})) return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

absl::Status RunAll(const plan::Plan& plan, Engine& engine, ResultSink& sink, const ExecOptions& options,
                    Budget& budget, ExecStats& stats) {
  if (plan::ResultOf(plan) == plan::Flowing::kSeries) {
    TAFFRAIL_ASSIGN_OR_RETURN(const Matrix matrix, RunSeries(plan, engine, options, budget, stats));
    return EmitSeries(matrix, sink, options, stats);
  }
  Matrix none;
  const absl::Status status = RunScan(plan, engine, sink, options, budget, stats, none);
  SubtractLaterTimes(stats.operators);
  for (const OperatorStats& each : stats.operators) {
    if (each.name == "output") stats.rows_out = each.rows_out;
  }
  return status;
}

}  // namespace

absl::Status Execute(const plan::Plan& plan, Engine& engine, ResultSink& sink, const ExecOptions& options,
                     ExecStats& stats) {
  TAFFRAIL_RETURN_IF_ERROR(plan::Verify(plan));
  TAFFRAIL_ASSIGN_OR_RETURN(const plan::Plan optimized,
                            Optimize(plan, options.disabled_passes, stats.passes));
  Budget budget(options);
  stats.engine = engine.Name();
  stats.plan = plan::ToString(optimized);
  const absl::Status status = RunAll(optimized, engine, sink, options, budget, stats);
  stats.peak_memory_bytes = budget.peak_bytes();
  stats.time_ns = budget.ElapsedNs();
  return status;
}

}  // namespace taffrail::query::exec
