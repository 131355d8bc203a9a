#include "query/exec/pipeline.h"

#include <algorithm>

#include "base/duration.h"
#include "query/exec/entry_operator.h"
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

bool MakesEntries(const Stage& stage) {
  return plan::After(plan::Flowing::kRecords, stage) == plan::Flowing::kEntries ||
         std::holds_alternative<plan::RangeAggregate>(stage);
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

// The columns of a table after a stage.
ColumnNames ColumnsAfter(const Stage& stage, const ColumnNames& before) {
  if (MakesTable(stage)) return NamesOf(stage);
  ColumnNames columns = before;
  if (const auto* unnest = std::get_if<plan::Unnest>(&stage);
      unnest != nullptr && std::find(columns.begin(), columns.end(), unnest->name) == columns.end()) {
    columns.push_back(unnest->name);
  }
  if (const auto* extend = std::get_if<plan::Extend>(&stage)) {
    for (const plan::Assignment& assignment : extend->assignments) {
      if (std::find(columns.begin(), columns.end(), assignment.name) == columns.end()) {
        columns.push_back(assignment.name);
      }
    }
  }
  return columns;
}

bool ReadsLine(const expr::Expr& expr) {
  using Source = expr::FieldRef::Source;
  if (expr.field.source == Source::kLine || expr.field.source == Source::kAny) return true;
  return std::any_of(expr.children.begin(), expr.children.end(),
                     [](const expr::ExprPtr& child) { return ReadsLine(*child); });
}

// Whether a stage on entries looks at their lines.
bool ReadsLine(const Stage& stage) {
  if (const auto* filter = std::get_if<Filter>(&stage)) return ReadsLine(*filter->condition);
  if (const auto* mark = std::get_if<plan::Mark>(&stage)) return ReadsLine(*mark->condition);
  if (const auto* range = std::get_if<plan::RangeAggregate>(&stage)) {
    return range->function == plan::RangeFunction::kBytes ||
           range->function == plan::RangeFunction::kBytesRate;
  }
  return !std::holds_alternative<plan::Rename>(stage) && !std::holds_alternative<plan::Select>(stage) &&
         !std::holds_alternative<plan::Unwrap>(stage) && !std::holds_alternative<Limit>(stage);
}

// An aggregate of entries is one of rows: its keys and fields become columns first.
struct EntryAggregate {
  plan::Extend buckets;  // starts of time intervals
  Project project;
  Aggregate aggregate;
};

EntryAggregate SplitAggregate(const Aggregate& aggregate) {
  EntryAggregate split{{}, {}, aggregate};
  const auto take = [&split](expr::FieldRef& field) {
    const std::string name = std::to_string(split.project.columns.size());
    split.project.columns.push_back({name, field});
    field = {expr::FieldRef::Source::kField, name};
  };
  for (plan::GroupKey& key : split.aggregate.keys) {
    if (key.bucket_ns > 0) {
      const int64_t digits = key.bucket_ns % 1'000'000'000 == 0 ? 0 : 9;
      const std::string name = "\x01" + std::to_string(split.buckets.assignments.size());
      plan::ScalarPtr start =
          plan::MakeCall("bucket", {plan::MakeField({expr::FieldRef::Source::kTimestamp, ""}),
                                    plan::MakeConstant(base::FormatDuration(key.bucket_ns))});
      split.buckets.assignments.push_back(
          {name, false, plan::MakeCall("time_text", {std::move(start), plan::MakeConstant(digits)})});
      key.field = {expr::FieldRef::Source::kField, name};
      key.bucket_ns = 0;
    }
    take(key.field);
  }
  for (plan::Call& call : split.aggregate.calls) {
    if (call.has_field) take(call.field);
  }
  if (split.project.columns.empty())
    split.project.columns.push_back({"0", {expr::FieldRef::Source::kLabel, ""}});
  return split;
}

// How many rows of a sort at `index` are wanted: a limit directly after it says so.
uint64_t KeepOf(const std::vector<Stage>& stages, size_t index) {
  if (index + 1 >= stages.size()) return 0;
  const auto* limit = std::get_if<Limit>(&stages[index + 1]);
  if (limit == nullptr) return 0;
  if (limit->count > UINT64_MAX - limit->offset) return 0;     // more rows than there can be: all
  return std::max<uint64_t>(limit->count + limit->offset, 1);  // 0 would mean all
}

class Builder {
 public:
  // `first_ties`: of a sort that is the first stage.
  Builder(std::vector<Stage> stages, Ties first_ties, ResultSink& sink, FetchRecords fetch, Budget& budget,
          std::vector<OperatorStats>& stats, Matrix& matrix, int64_t now_ns, bool timed)
      : stages_(std::move(stages)),
        first_ties_(first_ties),
        sink_(sink),
        fetch_(std::move(fetch)),
        budget_(budget),
        stats_(stats),
        matrix_(matrix),
        now_ns_(now_ns) {
    for (const Stage& stage : stages_) stats_.push_back({.name = plan::ToString(stage)});
    stats_.push_back({.name = "output"});
    stats_.push_back({.name = "entries"});
    for (OperatorStats& each : stats_) each.timed = timed;
  }

  absl::StatusOr<RecordOperatorPtr> Records(size_t index) {
    if (index == stages_.size()) return MakeRecordOutput(sink_, ContextOf(index));
    const Stage& stage = stages_[index];
    std::vector<expr::FieldRef> columns;
    if (ReadsColumns(std::span(stages_).subspan(index), columns)) {
      return MakeRecordRange(std::get<plan::RangeAggregate>(stages_.back()), std::move(columns),
                             ContextOf(stages_.size() - 1), matrix_);
    }
    if (MakesEntries(stage)) {
      TAFFRAIL_ASSIGN_OR_RETURN(EntryOperatorPtr first, Entries(index));
      const bool lines =
          plan::ResultOf({{}, stages_}) == plan::Flowing::kEntries ||
          std::any_of(stages_.begin(), stages_.end(), [](const Stage& one) { return ReadsLine(one); });
      return MakeEntrySource(schema_, lines, ContextOf(stages_.size() + 1), std::move(first));
    }
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
    TAFFRAIL_ASSIGN_OR_RETURN(RowOperatorPtr next, Rows(index + 1, ColumnsAfter(stage, columns)));
    if (const auto* extend = std::get_if<plan::Extend>(&stage)) {
      return MakeRowExtend(*extend, columns, now_ns_, ContextOf(index), std::move(next));
    }
    if (const auto* dedup = std::get_if<plan::Dedup>(&stage)) {
      return MakeRowDedup(*dedup, columns, ContextOf(index), std::move(next));
    }
    if (const auto* unnest = std::get_if<plan::Unnest>(&stage)) {
      return MakeRowUnnest(*unnest, columns, ContextOf(index), std::move(next));
    }
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

  absl::StatusOr<EntryOperatorPtr> Entries(size_t index) {
    if (index == stages_.size()) return MakeEntryOutput(sink_, ContextOf(index));
    const Stage& stage = stages_[index];
    const EntryContext context{ContextOf(index), *schema_, now_ns_};
    if (const auto* range = std::get_if<plan::RangeAggregate>(&stage)) {
      return MakeRangeAggregate(*range, ContextOf(index), matrix_);
    }
    if (const auto* project = std::get_if<Project>(&stage)) {
      TAFFRAIL_ASSIGN_OR_RETURN(RowOperatorPtr next, Rows(index + 1, NamesOf(stage)));
      return MakeEntryProject(*project, context, std::move(next));
    }
    if (const auto* aggregate = std::get_if<Aggregate>(&stage))
      return AggregateEntries(*aggregate, index, context);
    TAFFRAIL_ASSIGN_OR_RETURN(EntryOperatorPtr next, Entries(index + 1));
    if (const auto* filter = std::get_if<Filter>(&stage)) {
      return MakeEntryFilter(*filter, context, std::move(next));
    }
    if (const auto* mark = std::get_if<plan::Mark>(&stage)) return MakeMark(*mark, context, std::move(next));
    if (const auto* parse = std::get_if<plan::ParseFields>(&stage)) {
      return MakeParse(*parse, context, std::move(next));
    }
    if (const auto* extend = std::get_if<plan::Extend>(&stage)) {
      return MakeExtend(*extend, context, std::move(next));
    }
    if (const auto* select = std::get_if<plan::Select>(&stage)) {
      return MakeSelect(*select, context, std::move(next));
    }
    if (const auto* rename = std::get_if<plan::Rename>(&stage)) {
      return MakeRename(*rename, context, std::move(next));
    }
    if (const auto* unwrap = std::get_if<plan::Unwrap>(&stage)) {
      return MakeUnwrap(*unwrap, context, std::move(next));
    }
    if (const auto* dedup = std::get_if<plan::Dedup>(&stage)) {
      return MakeEntryDedup(*dedup, context, std::move(next));
    }
    if (const auto* unnest = std::get_if<plan::Unnest>(&stage)) {
      return MakeEntryUnnest(*unnest, context, std::move(next));
    }
    if (const auto* filter = std::get_if<plan::JqFilter>(&stage)) {
      return MakeJq(*filter, context, std::move(next));
    }
    if (const auto* sort = std::get_if<Sort>(&stage)) {
      return MakeEntrySort(*sort, KeepOf(stages_, index), context, std::move(next));
    }
    return MakeEntryLimit(std::get<Limit>(stage), context, std::move(next));
  }

  absl::StatusOr<EntryOperatorPtr> AggregateEntries(const Aggregate& aggregate, size_t index,
                                                    const EntryContext& context) {
    TAFFRAIL_ASSIGN_OR_RETURN(RowOperatorPtr next, Rows(index + 1, NamesOf(stages_[index])));
    const EntryAggregate split = SplitAggregate(aggregate);
    ColumnNames columns;
    for (const plan::Column& column : split.project.columns) columns.push_back(column.name);
    RowOperatorPtr rows = MakeRowAggregate(split.aggregate, columns, ContextOf(index), std::move(next));
    EntryOperatorPtr project = MakeEntryProject(split.project, context, std::move(rows));
    if (split.buckets.assignments.empty()) return project;
    return MakeExtend(split.buckets, context, std::move(project));
  }

  Context ContextOf(size_t index) { return {budget_, stats_[index]}; }

  const std::vector<Stage> stages_;
  const Ties first_ties_;
  ResultSink& sink_;
  const FetchRecords fetch_;
  Budget& budget_;
  std::vector<OperatorStats>& stats_;
  Matrix& matrix_;
  const int64_t now_ns_;
  const std::shared_ptr<EntrySchema> schema_ = std::make_shared<EntrySchema>();
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
  // Stages that make one entry of each record do not come between.
  const auto first = std::find_if_not(plan.stages.begin(), plan.stages.end(), [](const Stage& stage) {
    return std::holds_alternative<plan::ParseFields>(stage) || std::holds_alternative<plan::Extend>(stage) ||
           std::holds_alternative<plan::Rename>(stage) || std::holds_alternative<plan::Select>(stage) ||
           std::holds_alternative<plan::Mark>(stage);
  });
  if (first == plan.stages.end()) return options.max_rows;
  const auto* limit = std::get_if<Limit>(&*first);
  if (limit == nullptr || limit->count > UINT64_MAX - limit->offset) return 0;
  return std::max<uint64_t>(limit->count + limit->offset, 1);
}

absl::StatusOr<RecordOperatorPtr> BuildPipeline(const plan::Plan& plan, Order order, ResultSink& sink,
                                                FetchRecords fetch, const ExecOptions& options,
                                                Budget& budget, std::vector<OperatorStats>& stats,
                                                Matrix& matrix) {
  std::vector<Stage> stages = plan.stages;
  if (order != Order::kNone) {
    const plan::SortKey by_time{.field = {expr::FieldRef::Source::kTimestamp, ""},
                                .descending = order == Order::kDescending};
    stages.insert(stages.begin(), Sort{{by_time}});
  }
  if (options.max_rows > 0 && plan::ResultOf(plan) != plan::Flowing::kSeries)
    stages.emplace_back(Limit{.count = options.max_rows});
  stats.reserve(stages.size() + 2);
  // Descending is ascending backwards, equal times included.
  const Order ties = fetch ? plan.source.order : order;
  const Ties first_ties = ties == Order::kDescending ? Ties::kLastFirst : Ties::kFirstFirst;
  const int64_t now_ns = (options.env != nullptr ? *options.env : base::Env::Posix()).NowNs();
  return Builder(std::move(stages), first_ties, sink, std::move(fetch), budget, stats, matrix, now_ns,
                 options.time_operators)
      .Records(0);
}

Needs NeedsOf(const plan::Plan& plan) {
  Needs needs;
  const auto add = [&needs](const expr::FieldRef& field) {
    using Source = expr::FieldRef::Source;
    if (field.source == Source::kLine || field.source == Source::kAny) needs.whole_lines = true;
    if (field.source == Source::kTimestamp || field.source == Source::kSequence) needs.times = true;
    needs.fields.push_back(field);
  };
  std::vector<expr::FieldRef> columns;
  if (ReadsColumns(plan.stages, columns)) {
    for (const expr::FieldRef& field : columns) add(field);
    needs.times = true;
    return needs;
  }
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
