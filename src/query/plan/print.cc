// The printer of text.h's form.
#include "base/duration.h"
#include "base/time_text.h"
#include "expr/text.h"
#include "fmt/format.h"
#include "query/plan/names.h"
#include "query/plan/text.h"

namespace taffrail::query::plan {
namespace {

std::string Quoted(std::string_view text) {
  std::string out;
  expr::AppendQuoted(text, out);
  return out;
}

std::string Number(double number) {
  std::string out;
  expr::AppendNumber(number, out);
  return out;
}

std::string Time(int64_t time_ns) { return Quoted(base::FormatRfc3339(time_ns)); }
std::string Duration(int64_t duration_ns) { return Quoted(base::FormatDuration(duration_ns)); }

template <typename T, typename F>
std::string Joined(const std::vector<T>& items, F&& print) {
  std::string out;
  for (const T& item : items) {
    if (!out.empty()) out += ", ";
    out += print(item);
  }
  return out;
}

std::string Names(const std::vector<std::string>& names) { return "(" + Joined(names, Quoted) + ")"; }

std::string CallToString(const Call& call) {
  std::string out = Quoted(call.name) + " = " + std::string(NameOf(kFunctions, call.function)) + "(";
  if (call.function == Function::kQuantile) out += Number(call.quantile) + ", ";
  if (call.has_field) out += expr::ToString(call.field);
  return out + ")";
}

std::string KeyToString(const GroupKey& key) {
  const std::string value =
      key.bucket_ns > 0 ? fmt::format("bucket({})", Duration(key.bucket_ns)) : expr::ToString(key.field);
  return Quoted(key.name) + " = " + value;
}

std::string GridToString(const Grid& grid) {
  return fmt::format("from {} to {} step {}", Time(grid.from_ns), Time(grid.to_ns), Duration(grid.step_ns));
}

std::string GroupingToString(const Grouping& grouping) {
  return (grouping.without ? " without " : " by ") + Names(grouping.labels);
}

std::string SelectedToString(const Select::Name& name) {
  std::string out = Quoted(name.name);
  if (!name.has_condition) return out;
  out += name.is_negated ? " if not " : " if ";
  return out + (name.is_regex ? "regex " : "equal ") + Quoted(name.text);
}

struct StagePrinter {
  std::string operator()(const Filter& filter) const { return "filter " + expr::ToString(*filter.condition); }
  std::string operator()(const Project& project) const {
    return "project " + Joined(project.columns, [](const Column& column) {
             return Quoted(column.name) + " = " + expr::ToString(column.field);
           });
  }
  std::string operator()(const Aggregate& aggregate) const {
    std::string out = "aggregate";
    if (!aggregate.calls.empty()) out += " " + Joined(aggregate.calls, CallToString);
    if (!aggregate.keys.empty()) out += " by " + Joined(aggregate.keys, KeyToString);
    return out;
  }
  std::string operator()(const Sort& sort) const {
    return "sort " + Joined(sort.keys, [](const SortKey& key) {
             return expr::ToString(key.field) + (key.descending ? " descending" : "");
           });
  }
  std::string operator()(const Limit& limit) const {
    return limit.offset == 0 ? fmt::format("limit {}", limit.count)
                             : fmt::format("limit {} offset {}", limit.count, limit.offset);
  }
  std::string operator()(const ParseFields& parse) const {
    std::string out = fmt::format("parse {}", NameOf(kFormats, parse.format));
    if (parse.strict) out += " strict";
    if (parse.keep_empty) out += " keep_empty";
    if (parse.typed) out += " typed";
    if (parse.from.source != expr::FieldRef::Source::kLine) out += " from " + expr::ToString(parse.from);
    if (!parse.pattern.empty()) out += " pattern " + Quoted(parse.pattern);
    if (parse.only) out += " only " + Names(*parse.only);
    if (parse.wanted.empty()) return out;
    return out + " " + Joined(parse.wanted, [](const ParseFields::Wanted& wanted) {
             return Quoted(wanted.name) + " = " + Quoted(wanted.path);
           });
  }
  std::string operator()(const Extend& extend) const {
    return "extend " + Joined(extend.assignments, [](const Assignment& assignment) {
             return (assignment.sets_line ? "line" : Quoted(assignment.name)) + " = " +
                    ToString(*assignment.value);
           });
  }
  std::string operator()(const Rename& rename) const {
    return "rename " + Joined(rename.names, [](const std::pair<std::string, std::string>& names) {
             return Quoted(names.first) + " = " + Quoted(names.second);
           });
  }
  std::string operator()(const Select& select) const {
    return (select.keeps ? "keep " : "drop ") + Joined(select.names, SelectedToString);
  }
  std::string operator()(const Mark& mark) const {
    return "mark " + Quoted(mark.error) + " where " + expr::ToString(*mark.condition);
  }
  std::string operator()(const Unwrap& unwrap) const {
    return fmt::format("unwrap {} as {}", Quoted(unwrap.field), NameOf(kConversions, unwrap.conversion));
  }
  std::string operator()(const Unnest& unnest) const {
    return "unnest " + Quoted(unnest.name) + " = " + expr::ToString(unnest.field);
  }
  std::string operator()(const Dedup& dedup) const {
    return (dedup.keeps_missing ? "dedup keep_missing " : "dedup ") +
           Joined(dedup.fields, [](const expr::FieldRef& field) { return expr::ToString(field); });
  }
  std::string operator()(const JqFilter& filter) const { return "jq " + Quoted(filter.program); }
  std::string operator()(const RangeAggregate& range) const {
    std::string out = fmt::format("range {}", NameOf(kRangeFunctions, range.function));
    if (range.function == RangeFunction::kQuantile) out += " " + Number(range.quantile);
    out += " over " + Duration(range.range_ns);
    if (range.offset_ns != 0) out += " offset " + Duration(range.offset_ns);
    out += " " + GridToString(range.grid);
    if (range.grouping) out += GroupingToString(*range.grouping);
    if (range.absent_labels.empty()) return out;
    return out + " labels " +
           Joined(range.absent_labels, [](const std::pair<std::string, std::string>& label) {
             return Quoted(label.first) + " = " + Quoted(label.second);
           });
  }
  std::string operator()(const VectorAggregate& aggregate) const {
    std::string out = fmt::format("vector {}", NameOf(kVectorFunctions, aggregate.function));
    const bool has_k =
        aggregate.function == VectorFunction::kTopK || aggregate.function == VectorFunction::kBottomK;
    if (has_k) out += fmt::format(" {}", aggregate.k);
    return out + GroupingToString(aggregate.grouping);
  }
  std::string operator()(const ScalarOperation& operation) const {
    return fmt::format("scalar {} {}{}{}", NameOf(kBinaryOperators, operation.op), Number(operation.scalar),
                       operation.scalar_left ? " left" : "", operation.returns_bool ? " bool" : "");
  }
  std::string operator()(const Join& join) const {
    std::string out = fmt::format("join {}", NameOf(kBinaryOperators, join.op));
    if (join.returns_bool) out += " bool";
    if (join.match == Join::Match::kOn) out += " on " + Names(join.labels);
    if (join.match == Join::Match::kIgnoring) out += " ignoring " + Names(join.labels);
    if (join.cardinality == Join::Cardinality::kManyToOne) out += " group_left " + Names(join.include);
    if (join.cardinality == Join::Cardinality::kOneToMany) out += " group_right " + Names(join.include);
    return out + " (\n" + ToString(*join.right) + ")";
  }
  std::string operator()(const LabelReplace& replace) const {
    return fmt::format("label_replace {} = {} from {} regex {}", Quoted(replace.destination),
                       Quoted(replace.replacement), Quoted(replace.source), Quoted(replace.regex));
  }
};

// `filter_follows`: the next stage is a Filter, which would be read as the source's own if that had none.
std::string SourceToString(const Source& source, bool filter_follows) {
  if (source.constant) {
    return "source constant " + Number(source.constant->value) + " " + GridToString(source.constant->grid);
  }
  std::string out = "source";
  if (source.range.from_ns != INT64_MIN) out += " from " + Time(source.range.from_ns);
  if (source.range.to_ns != INT64_MAX) out += " to " + Time(source.range.to_ns);
  if (source.order != Order::kAscending) out += fmt::format(" order {}", NameOf(kOrders, source.order));
  if (source.filter->op != expr::Expr::Op::kTrue || filter_follows)
    out += " filter " + expr::ToString(*source.filter);
  return out;
}

}  // namespace

std::string ToString(const Stage& stage) { return std::visit(StagePrinter(), stage); }

std::string ToString(const Plan& plan) {
  const bool filter_follows = !plan.stages.empty() && std::holds_alternative<Filter>(plan.stages[0]);
  std::string out = SourceToString(plan.source, filter_follows) + "\n";
  for (const Stage& stage : plan.stages) out += ToString(stage) + "\n";
  return out;
}

}  // namespace taffrail::query::plan
