#include "query/exec/executor.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "query/exec/optimize.h"
#include "query/exec/pipeline.h"
#include "query/plan/text.h"

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
                 const ExecOptions& options, Budget& budget, ExecStats& stats) {
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
                                          options, budget, stats.operators));
  if (!sink.OnColumns(plan::ColumnsOf(plan))) return absl::OkStatus();

  if (first->TakesConcurrently()) {
    spec.concurrent = true;
    spec.order = Order::kNone;
  }
  Feed feed(spec, pushed, spec.order == Order::kDescending && pushed.order, options, budget, *first);
  spec.report = [&](const ScanStats& scan) { feed.Report(scan, stats.scan); };
  const absl::Status scanned = engine.Scan(
      spec,
      [&feed](const record::RecordBatch& batch, const expr::Selection& rows) {
        return feed.Take(batch, rows);
      },
      stats.scan);
  TAFFRAIL_RETURN_IF_ERROR(feed.status());
  TAFFRAIL_RETURN_IF_ERROR(budget.Check());  // also why an engine may have stopped
  TAFFRAIL_RETURN_IF_ERROR(scanned);
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
  Needs needs = NeedsOf(optimized);
  spec.fields = std::move(needs.fields);
  spec.whole_lines = needs.whole_lines;
  spec.times = needs.times;
  spec.limit = SourceLimit(optimized, options);
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
