#include "query/plan/field_names.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace taffrail::query::plan {
namespace {

using expr::FieldRef;
using Among = NamedField::Among;

class Collector {
 public:
  void Read(const FieldRef& field) {
    switch (field.source) {
      case FieldRef::Source::kField:
      case FieldRef::Source::kPath:
        return Add(field.name, flat_ ? Among::kFlat : Among::kAll);
      case FieldRef::Source::kStream:
        return Add(field.name, Among::kLabels);
      case FieldRef::Source::kLabel:
        return AddLabel(field.name);
      case FieldRef::Source::kLogql:
        return Add(field.name, Among::kFlat);
      default:
        return;  // a well-known one, or all
    }
  }

  void Read(const expr::Expr& condition) {
    using Op = expr::Expr::Op;
    switch (condition.op) {
      case Op::kTrue:
      case Op::kFalse:
        return;
      case Op::kAnd:
      case Op::kOr:
      case Op::kNot:
        for (const expr::ExprPtr& child : condition.children) Read(*child);
        return;
      default:
        Read(condition.field);
    }
  }

  void Read(const Scalar& scalar) {
    std::vector<FieldRef> fields;
    CollectFields(scalar, fields);
    for (const FieldRef& field : fields) Read(field);
  }

  void Read(const Plan& plan) {
    if (plan.source.constant) return;
    Read(*plan.source.filter);
    for (const Stage& stage : plan.stages) {
      if (opaque_) break;
      std::visit([this](const auto& each) { Through(each); }, stage);
    }
  }

  std::vector<NamedField> Take() { return std::move(found_); }

 private:
  void AddLabel(const std::string& name) { Add(name, flat_ ? Among::kFlat : Among::kLabels); }
  void Add(const std::string& name, Among among) {
    // Those that begin so are of the languages: __error__.
    if (name.empty() || name.rfind("__", 0) == 0 || made_.contains(name)) return;
    const auto same = [&](const NamedField& each) { return each.name == name; };
    if (std::none_of(found_.begin(), found_.end(), same)) found_.push_back({name, among});
  }

  void Through(const Filter& filter) { Read(*filter.condition); }
  void Through(const Project& project) {
    for (const Column& column : project.columns) Read(column.field);
    opaque_ = true;
  }
  void Through(const Aggregate& aggregate) {
    for (const GroupKey& key : aggregate.keys) {
      if (key.bucket_ns == 0) Read(key.field);
    }
    for (const Call& call : aggregate.calls) {
      if (call.has_field) Read(call.field);
    }
    opaque_ = true;
  }
  void Through(const Sort& sort) {
    for (const SortKey& key : sort.keys) Read(key.field);
  }
  void Through(const Limit&) {}
  void Through(const ParseFields& parse) {
    if (parse.from.source != FieldRef::Source::kLine) Read(parse.from);
    for (const ParseFields::Wanted& wanted : parse.wanted) made_.insert(wanted.name);
    if (!parse.wanted.empty()) return;
    const bool whole_json =
        parse.format == ParseFields::Format::kJson && parse.from.source == FieldRef::Source::kLine;
    if (whole_json) {
      flat_ = true;
    } else {
      opaque_ = true;
    }
  }
  void Through(const Extend& extend) {
    for (const Assignment& assignment : extend.assignments) {
      Read(*assignment.value);
      made_.insert(assignment.name);
      if (assignment.sets_line) opaque_ = true;  // what is parsed from here on is not what is stored
    }
  }
  void Through(const Rename& rename) {
    for (const auto& [from, to] : rename.names) made_.insert(to);
  }
  void Through(const Select&) {}
  void Through(const Mark&) {}
  void Through(const Unwrap& unwrap) { AddLabel(unwrap.field); }
  void Through(const Dedup& dedup) {
    for (const FieldRef& field : dedup.fields) Read(field);
  }
  void Through(const Unnest& unnest) {
    Read(unnest.field);
    made_.insert(unnest.name);
  }
  void Through(const JqFilter&) { opaque_ = true; }
  void Through(const RangeAggregate& range) {
    if (range.grouping && !range.grouping->without) {
      for (const std::string& label : range.grouping->labels) AddLabel(label);
    }
  }
  void Through(const VectorAggregate& vector) {
    if (vector.grouping.without) return;
    for (const std::string& label : vector.grouping.labels) AddLabel(label);
  }
  void Through(const ScalarOperation&) {}
  void Through(const Join& join) {
    Collector right;
    right.found_ = std::move(found_);
    right.Read(*join.right);
    found_ = std::move(right.found_);
  }
  void Through(const LabelReplace& replace) { made_.insert(replace.destination); }

  std::vector<NamedField> found_;
  std::set<std::string, std::less<>> made_;
  bool flat_ = false;
  bool opaque_ = false;
};

}  // namespace

std::vector<NamedField> FieldNamesOf(const Plan& plan) {
  Collector collector;
  collector.Read(plan);
  return collector.Take();
}

}  // namespace taffrail::query::plan
