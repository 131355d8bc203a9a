#include "query/exec/executor.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
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

// The rows of a batch that the engine was asked for and did not sort out itself.
const expr::Selection& Residue(const ScanSpec& spec, const Pushed& pushed, const record::RecordBatch& batch,
                               const expr::Selection& rows, expr::Selection& kept) {
  if (pushed.range && pushed.filter) return rows;
  kept = rows;
  if (!pushed.filter) spec.filter->EvaluateAmong(batch, rows, kept);
  if (!pushed.range) {
    std::erase_if(kept, [&](uint32_t row) { return !plan::Contains(spec.range, batch.timestamp_ns[row]); });
  }
  return kept;
}

// Between the engine and the first operator. The engine may call it from several threads.
class Feed {
 public:
  Feed(const ScanSpec& spec, const Pushed& pushed, bool backwards, const ExecOptions& options, Budget& budget,
       RecordOperator& first)
      : spec_(spec),
        pushed_(pushed),
        backwards_(backwards),
        options_(options),
        budget_(budget),
        first_(first) {}

  bool Take(const record::RecordBatch& batch, const expr::Selection& rows) {
    absl::Status status = budget_.Check();
    Flow flow = Flow::kMore;
    if (status.ok()) {
      expr::Selection memory;
      const expr::Selection& kept = Residue(spec_, pushed_, batch, rows, memory);
      if (!kept.empty()) {
        const auto pushed = first_.Push({batch, kept, backwards_});
        status = pushed.status();
        if (pushed.ok()) flow = *pushed;
      }
    }
    absl::MutexLock lock(&mutex_);
    status_.Update(status);
    if (!status_.ok()) return false;
    if (options_.progress) options_.progress();
    return flow == Flow::kMore;
  }

  void Report(const ScanStats& from, ScanStats& to) {
    absl::MutexLock lock(&mutex_);
    to = from;
    if (options_.progress) options_.progress();
  }

  absl::Status status() {
    absl::MutexLock lock(&mutex_);
    return status_;
  }

 private:
  const ScanSpec& spec_;
  const Pushed pushed_;
  const bool backwards_;
  const ExecOptions& options_;
  Budget& budget_;
  RecordOperator& first_;
  absl::Mutex mutex_;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
};

// Scans for a feed, which was made for this `spec`.
absl::Status ScanInto(Feed& feed, Engine& engine, ScanSpec& spec, Budget& budget, ExecStats& stats) {
  spec.report = [&](const ScanStats& scan) { feed.Report(scan, stats.scan); };
  const absl::Status scanned = engine.Scan(
      spec,
      [&feed](const record::RecordBatch& batch, const expr::Selection& rows) {
        return feed.Take(batch, rows);
      },
      stats.scan);
  TAFFRAIL_RETURN_IF_ERROR(feed.status());
  TAFFRAIL_RETURN_IF_ERROR(budget.Check());  // also why an engine may have stopped
  return scanned;
}

// Reads chosen records whole.
absl::Status Fetch(Engine& engine, const ScanSpec& of, std::vector<Position> places, const BatchSink& sink,
                   ScanStats& stats) {
  ScanSpec spec;
  spec.range = {places.front().timestamp_ns, places.back().timestamp_ns};
  if (spec.range.to_ns < INT64_MAX) ++spec.range.to_ns;
  TAFFRAIL_ASSIGN_OR_RETURN(spec.filter, expr::Matcher::Compile(expr::True()));
  spec.whole_lines = true;
  spec.only = std::make_shared<const std::vector<Position>>(std::move(places));
  spec.cancelled = of.cancelled;
  ScanStats more;
  const absl::Status status = engine.Scan(spec, sink, more);
  stats.blocks_read += more.blocks_read;
  stats.rows_read += more.rows_read;
  stats.bytes_read += more.bytes_read;
  stats.bytes_decoded += more.bytes_decoded;
  stats.cpu_ns += more.cpu_ns;
  return status;
}

absl::Status Run(const plan::Plan& plan, Engine& engine, ScanSpec& spec, ResultSink& sink,
                 const ExecOptions& options, Budget& budget, ExecStats& stats, Matrix& matrix) {
  stats.pushed = engine.CanPush(spec);
  const Pushed& pushed = stats.pushed;
  FetchRecords fetch;
  if (pushed.range && pushed.filter && pushed.positions && IsTopRecords(plan)) {
    spec.order = Order::kNone;
    spec.whole_lines = false;
    for (const plan::SortKey& key : std::get<plan::Sort>(plan.stages[0]).keys)
      spec.fields.push_back(key.field);
    fetch = [&](std::vector<Position> places, const BatchSink& to) {
      return Fetch(engine, spec, std::move(places), to, stats.scan);
    };
  }
  const bool sorts = spec.order != Order::kNone && !pushed.order;
  TAFFRAIL_ASSIGN_OR_RETURN(RecordOperatorPtr first,
                            BuildPipeline(plan, sorts ? spec.order : Order::kNone, sink, std::move(fetch),
                                          options, budget, stats.operators, matrix));
  if (!sink.OnColumns(plan::ColumnsOf(plan))) return absl::OkStatus();

  if (first->TakesConcurrently()) {
    spec.concurrent = true;
    spec.order = Order::kNone;
  }
  Feed feed(spec, pushed, spec.order == Order::kDescending && pushed.order, options, budget, *first);
  TAFFRAIL_RETURN_IF_ERROR(ScanInto(feed, engine, spec, budget, stats));
  return first->Finish();
}

// Each operator measured itself with all that came after it.
void SubtractLaterTimes(std::vector<OperatorStats>& operators) {
  for (size_t i = 0; i + 1 < operators.size(); ++i) {
    OperatorStats later;
    for (size_t j = i + 1; j < operators.size() && later.time_ns == 0; ++j) later = operators[j];
    operators[i].time_ns = std::max<int64_t>(0, operators[i].time_ns - later.time_ns);
    operators[i].cpu_ns = std::max<int64_t>(0, operators[i].cpu_ns - later.cpu_ns);
  }
}

// Reads what the plan's source asks for, up to the first stage on series.
absl::Status RunScan(const plan::Plan& plan, Engine& engine, ResultSink& sink, const ExecOptions& options,
                     Budget& budget, ExecStats& stats, Matrix& matrix) {
  ScanSpec spec;
  spec.range = plan.source.range;
  spec.order = plan.source.order;
  TAFFRAIL_ASSIGN_OR_RETURN(spec.filter, expr::Matcher::Compile(plan.source.filter));
  Needs needs = NeedsOf(plan);
  spec.fields = std::move(needs.fields);
  spec.whole_lines = needs.whole_lines;
  spec.times = needs.times;
  spec.limit = SourceLimit(plan, options);
  spec.cancelled = [&budget] { return !budget.Check().ok(); };
  return Run(plan, engine, spec, sink, options, budget, stats, matrix);
}

void AddScan(const ScanStats& from, ScanStats& to) {
  to.blocks += from.blocks;
  to.blocks_pruned_time += from.blocks_pruned_time;
  to.blocks_pruned_words += from.blocks_pruned_words;
  to.blocks_pruned_range += from.blocks_pruned_range;
  to.blocks_counted += from.blocks_counted;
  to.blocks_read += from.blocks_read;
  to.blocks_remembered += from.blocks_remembered;
  to.rows_read += from.rows_read;
  to.rows_matched += from.rows_matched;
  to.bytes_read += from.bytes_read;
  to.bytes_decoded += from.bytes_decoded;
  to.cpu_ns += from.cpu_ns;
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
    OperatorStats own{
        .name = plan::ToString(*stage), .rows_in = matrix.series.size(), .timed = options.time_operators};
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

// Hands batches on as they come.
class BatchOutput final : public RecordOperator {
 public:
  BatchOutput(const BatchSink& sink, bool concurrent) : sink_(sink), concurrent_(concurrent) {}
  absl::StatusOr<Flow> Push(const Records& records) override {
    return sink_(records.batch, records.rows) ? Flow::kMore : Flow::kEnough;
  }
  absl::Status Finish() override { return absl::OkStatus(); }
  bool TakesConcurrently() const override { return concurrent_; }

 private:
  const BatchSink& sink_;
  const bool concurrent_;
};

absl::Status Read(const plan::Source& source, const RecordColumns& columns, Engine& engine,
                  const BatchSink& sink, const ExecOptions& options, Budget& budget, ExecStats& stats) {
  ScanSpec spec;
  spec.range = source.range;
  spec.order = source.order;
  TAFFRAIL_ASSIGN_OR_RETURN(spec.filter, expr::Matcher::Compile(source.filter));
  spec.fields = columns.fields;
  spec.whole_lines = columns.lines;
  spec.concurrent = source.order == Order::kNone;
  spec.cancelled = [&budget] { return !budget.Check().ok(); };
  stats.pushed = engine.CanPush(spec);
  BatchOutput output(sink, spec.concurrent);
  Feed feed(spec, stats.pushed, false, options, budget, output);
  return ScanInto(feed, engine, spec, budget, stats);
}

}  // namespace

absl::Status ReadRecords(const plan::Source& source, const RecordColumns& columns, Engine& engine,
                         const BatchSink& sink, const ExecOptions& options, ExecStats& stats) {
  TAFFRAIL_ASSIGN_OR_RETURN(const plan::Plan optimized, Optimize({.source = source, .stages = {}},
                                                                 options.disabled_passes, stats.passes));
  Budget budget(options);
  stats.engine = engine.Name();
  stats.plan = plan::ToString(optimized);
  const absl::Status status = Read(optimized.source, columns, engine, sink, options, budget, stats);
  stats.peak_memory_bytes = budget.peak_bytes();
  stats.time_ns = budget.ElapsedNs();
  return status;
}

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
