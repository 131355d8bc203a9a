#include "query/exec/pipeline.h"

#include <algorithm>

#include "query/plan/text.h"

namespace taffrail::query::exec {
namespace {

using plan::Aggregate;
using plan::Filter;
using plan::Limit;
using plan::Order;
using plan::Project;
using plan::Sort;
using plan::Stage;

bool MakesTable(const Stage& stage) {
  return std::holds_alternative<Project>(stage) || std::holds_alternative<Aggregate>(stage);
}

ColumnNames NamesOf(const Stage& stage) {
  ColumnNames names;
  if (const auto* project = std::get_if<Project>(&stage)) {
    for (const plan::Column& column : project->columns) names.push_back(column.name);
  } else if (const auto* aggregate = std::get_if<Aggregate>(&stage)) {
    for (const plan::GroupKey& key : aggregate->keys) names.push_back(key.name);
    for (const plan::Call& call : aggregate->calls) names.push_back(call.name);
  }
  return names;
}

// How many rows of a sort at `index` are wanted: a limit directly after it says so.
uint64_t KeepOf(const std::vector<Stage>& stages, size_t index) {
  if (index + 1 >= stages.size()) return 0;
  const auto* limit = std::get_if<Limit>(&stages[index + 1]);
  if (limit == nullptr) return 0;
  const uint64_t keep = limit->count + limit->offset;
  return keep == 0 ? 1 : keep;  // 0 would mean all
}

class Builder {
 public:
  // `first_ties`: of a sort that is the first stage.
  Builder(std::vector<Stage> stages, Ties first_ties, ResultSink& sink, Budget& budget,
          std::vector<OperatorStats>& stats)
      : stages_(std::move(stages)), first_ties_(first_ties), sink_(sink), budget_(budget), stats_(stats) {
    for (const Stage& stage : stages_) stats_.push_back({.name = plan::ToString(stage)});
    stats_.push_back({.name = "output"});
  }

  absl::StatusOr<RecordOperatorPtr> Records(size_t index) {
    if (index == stages_.size()) return MakeRecordOutput(sink_, ContextOf(index));
    const Stage& stage = stages_[index];
    if (MakesTable(stage)) {
      TAFFRAIL_ASSIGN_OR_RETURN(RowOperatorPtr next, Rows(index + 1, NamesOf(stage)));
      if (const auto* project = std::get_if<Project>(&stage)) {
        return MakeProject(*project, ContextOf(index), std::move(next));
      }
      return MakeRecordAggregate(std::get<Aggregate>(stage), ContextOf(index), std::move(next));
    }
    TAFFRAIL_ASSIGN_OR_RETURN(RecordOperatorPtr next, Records(index + 1));
    if (const auto* filter = std::get_if<Filter>(&stage)) {
      return MakeRecordFilter(*filter, ContextOf(index), std::move(next));
    }
    if (const auto* sort = std::get_if<Sort>(&stage)) {
      const Ties ties = index == 0 ? first_ties_ : Ties::kFirstFirst;
      return MakeRecordSort(*sort, KeepOf(stages_, index), ties, ContextOf(index), std::move(next));
    }
    return MakeRecordLimit(std::get<Limit>(stage), ContextOf(index), std::move(next));
  }

 private:
  absl::StatusOr<RowOperatorPtr> Rows(size_t index, const ColumnNames& columns) {
    if (index == stages_.size()) return MakeRowOutput(sink_, ContextOf(index));
    const Stage& stage = stages_[index];
    TAFFRAIL_ASSIGN_OR_RETURN(RowOperatorPtr next,
                              Rows(index + 1, MakesTable(stage) ? NamesOf(stage) : columns));
    if (const auto* filter = std::get_if<Filter>(&stage)) {
      return MakeRowFilter(*filter, columns, ContextOf(index), std::move(next));
    }
    if (const auto* project = std::get_if<Project>(&stage)) {
      return MakeRowProject(*project, columns, ContextOf(index), std::move(next));
    }
    if (const auto* aggregate = std::get_if<Aggregate>(&stage)) {
      return MakeRowAggregate(*aggregate, columns, ContextOf(index), std::move(next));
    }
    if (const auto* sort = std::get_if<Sort>(&stage)) {
      return MakeRowSort(*sort, columns, KeepOf(stages_, index), ContextOf(index), std::move(next));
    }
    return MakeRowLimit(std::get<Limit>(stage), ContextOf(index), std::move(next));
  }

  Context ContextOf(size_t index) { return {budget_, stats_[index]}; }

  const std::vector<Stage> stages_;
  const Ties first_ties_;
  ResultSink& sink_;
  Budget& budget_;
  std::vector<OperatorStats>& stats_;
};

}  // namespace

size_t ColumnIndex(const ColumnNames& columns, const expr::FieldRef& field) {
  return static_cast<size_t>(std::find(columns.begin(), columns.end(), field.name) - columns.begin());
}

absl::StatusOr<RecordOperatorPtr> BuildPipeline(const plan::Plan& plan, Order order, ResultSink& sink,
                                                const ExecOptions& options, Budget& budget,
                                                std::vector<OperatorStats>& stats) {
  std::vector<Stage> stages = plan.stages;
  if (order != Order::kNone) {
    const plan::SortKey by_time{.field = {expr::FieldRef::Source::kTimestamp, ""},
                                .descending = order == Order::kDescending};
    stages.insert(stages.begin(), Sort{{by_time}});
  }
  if (options.max_rows > 0) stages.emplace_back(Limit{.count = options.max_rows});
  stats.reserve(stages.size() + 1);
  // Descending is ascending backwards, equal times included.
  const Ties first_ties = order == Order::kDescending ? Ties::kLastFirst : Ties::kFirstFirst;
  return Builder(std::move(stages), first_ties, sink, budget, stats).Records(0);
}

void CollectNeeds(const plan::Plan& plan, std::vector<expr::FieldRef>& fields, bool& whole_lines) {
  const auto add = [&](const expr::FieldRef& field) {
    using Source = expr::FieldRef::Source;
    if (field.source == Source::kLine || field.source == Source::kAny) whole_lines = true;
    fields.push_back(field);
  };
  for (const Stage& stage : plan.stages) {
    if (const auto* project = std::get_if<Project>(&stage)) {
      for (const plan::Column& column : project->columns) add(column.field);
      return;
    }
    if (const auto* aggregate = std::get_if<Aggregate>(&stage)) {
      for (const plan::GroupKey& key : aggregate->keys) {
        if (key.bucket_ns == 0) add(key.field);
      }
      for (const plan::Call& call : aggregate->calls) {
        if (call.has_field) add(call.field);
      }
      return;
    }
    // A sort keeps its rows as lines, and a filter this far down may look at anything.
    if (!std::holds_alternative<Limit>(stage)) whole_lines = true;
  }
  whole_lines = true;  // the answer is records
}

}  // namespace taffrail::query::exec
