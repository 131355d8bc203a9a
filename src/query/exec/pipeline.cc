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
  Builder(std::vector<Stage> stages, Ties first_ties, ResultSink& sink, FetchRecords fetch, Budget& budget,
          std::vector<OperatorStats>& stats)
      : stages_(std::move(stages)),
        first_ties_(first_ties),
        sink_(sink),
        fetch_(std::move(fetch)),
        budget_(budget),
        stats_(stats) {
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
      const uint64_t keep = KeepOf(stages_, index);
      if (index == 0 && fetch_)
        return MakeTopRecords(*sort, keep, ties, fetch_, ContextOf(index), std::move(next));
      return MakeRecordSort(*sort, keep, ties, ContextOf(index), std::move(next));
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
  const FetchRecords fetch_;
  Budget& budget_;
  std::vector<OperatorStats>& stats_;
};

}  // namespace

size_t ColumnIndex(const ColumnNames& columns, const expr::FieldRef& field) {
  return static_cast<size_t>(std::find(columns.begin(), columns.end(), field.name) - columns.begin());
}

bool IsTopRecords(const plan::Plan& plan) {
  if (plan.stages.empty()) return false;
  const auto* sort = std::get_if<Sort>(&plan.stages[0]);
  if (sort == nullptr || KeepOf(plan.stages, 0) == 0) return false;
  return std::all_of(sort->keys.begin(), sort->keys.end(), [](const plan::SortKey& key) {
    return key.field.source != expr::FieldRef::Source::kLine &&
           key.field.source != expr::FieldRef::Source::kAny;
  });
}

uint64_t SourceLimit(const plan::Plan& plan, const ExecOptions& options) {
  if (plan.stages.empty()) return options.max_rows;
  const auto* limit = std::get_if<Limit>(&plan.stages[0]);
  if (limit == nullptr || limit->count > UINT64_MAX - limit->offset) return 0;
  return std::max<uint64_t>(limit->count + limit->offset, 1);
}

absl::StatusOr<RecordOperatorPtr> BuildPipeline(const plan::Plan& plan, Order order, ResultSink& sink,
                                                FetchRecords fetch, const ExecOptions& options,
                                                Budget& budget, std::vector<OperatorStats>& stats) {
  std::vector<Stage> stages = plan.stages;
  if (order != Order::kNone) {
    const plan::SortKey by_time{.field = {expr::FieldRef::Source::kTimestamp, ""},
                                .descending = order == Order::kDescending};
    stages.insert(stages.begin(), Sort{{by_time}});
  }
  if (options.max_rows > 0) stages.emplace_back(Limit{.count = options.max_rows});
  stats.reserve(stages.size() + 1);
  // Descending is ascending backwards, equal times included.
  const Order ties = fetch ? plan.source.order : order;
  const Ties first_ties = ties == Order::kDescending ? Ties::kLastFirst : Ties::kFirstFirst;
  return Builder(std::move(stages), first_ties, sink, std::move(fetch), budget, stats).Records(0);
}

Needs NeedsOf(const plan::Plan& plan) {
  Needs needs;
  const auto add = [&needs](const expr::FieldRef& field) {
    using Source = expr::FieldRef::Source;
    if (field.source == Source::kLine || field.source == Source::kAny) needs.whole_lines = true;
    if (field.source == Source::kTimestamp) needs.times = true;
    needs.fields.push_back(field);
  };
  for (const Stage& stage : plan.stages) {
    if (const auto* project = std::get_if<Project>(&stage)) {
      for (const plan::Column& column : project->columns) add(column.field);
      return needs;
    }
    if (const auto* aggregate = std::get_if<Aggregate>(&stage)) {
      for (const plan::GroupKey& key : aggregate->keys) {
        if (key.bucket_ns == 0) add(key.field);
        needs.times = needs.times || key.bucket_ns > 0;
      }
      for (const plan::Call& call : aggregate->calls) {
        if (call.has_field) add(call.field);
      }
      return needs;
    }
    // A sort keeps its rows as lines, and a filter this far down may look at anything.
    if (!std::holds_alternative<Limit>(stage)) needs.whole_lines = needs.times = true;
  }
  needs.whole_lines = needs.times = true;  // the answer is records
  return needs;
}

}  // namespace taffrail::query::exec
