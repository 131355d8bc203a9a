#include "query/exec/optimize_series.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace taffrail::query::exec {
namespace {

using expr::FieldRef;
using plan::Plan;
using plan::RangeFunction;
using plan::Stage;
using plan::VectorFunction;

// Whether aggregating all entries of a group at once gives what aggregating each series first gives.
bool Composes(RangeFunction range, VectorFunction vector) {
  switch (range) {
    case RangeFunction::kCount:
    case RangeFunction::kRate:
    case RangeFunction::kBytes:
    case RangeFunction::kBytesRate:
    case RangeFunction::kSum:
    case RangeFunction::kSumRate:
      return vector == VectorFunction::kSum;
    case RangeFunction::kMin:
      return vector == VectorFunction::kMin;
    case RangeFunction::kMax:
      return vector == VectorFunction::kMax;
    default:
      return false;
  }
}

bool Overlap(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return std::any_of(a.begin(), a.end(), [&b](const std::string& label) {
    return std::find(b.begin(), b.end(), label) != b.end();
  });
}

// The grouping of both: none when they do not go together.
std::optional<plan::Grouping> Combined(const std::optional<plan::Grouping>& inner,
                                       const plan::Grouping& outer) {
  if (!inner) return outer;
  if (inner->without) {
    if (!outer.without) return Overlap(inner->labels, outer.labels) ? std::nullopt : std::optional(outer);
    plan::Grouping both = outer;
    both.labels.insert(both.labels.end(), inner->labels.begin(), inner->labels.end());
    return both;
  }
  if (outer.without) return std::nullopt;
  const bool within = std::all_of(outer.labels.begin(), outer.labels.end(), [&](const std::string& label) {
    return std::find(inner->labels.begin(), inner->labels.end(), label) != inner->labels.end();
  });
  return within ? std::optional(outer) : std::nullopt;
}

// Names of fields that some stages read; nothing when they cannot be listed.
using Names = std::optional<std::set<std::string>>;

void AddField(const FieldRef& field, Names& names) {
  if (!names) return;
  switch (field.source) {
    case FieldRef::Source::kAny:
      names.reset();
      return;
    case FieldRef::Source::kField:
    case FieldRef::Source::kLabel:
    case FieldRef::Source::kLogql:
      names->insert(field.name);
      return;
    default:
      return;  // of the record itself
  }
}

void AddExpr(const expr::Expr& expr, Names& names) {
  for (const expr::ExprPtr& child : expr.children) AddExpr(*child, names);
  const bool constant = expr.op == expr::Expr::Op::kTrue || expr.op == expr::Expr::Op::kFalse;
  if (expr.children.empty() && !constant) AddField(expr.field, names);
}

bool ReadsAllFields(const plan::Scalar& scalar) {
  return scalar.function == "template" ||
         std::any_of(scalar.arguments.begin(), scalar.arguments.end(),
                     [](const plan::ScalarPtr& argument) { return ReadsAllFields(*argument); });
}

// What this stage reads, beside what is read after it.
struct Reads {
  Names& names;

  void operator()(const plan::Filter& filter) const { AddExpr(*filter.condition, names); }
  void operator()(const plan::Mark& mark) const { AddExpr(*mark.condition, names); }
  void operator()(const plan::ParseFields& parse) const { AddField(parse.from, names); }
  void operator()(const plan::Extend& extend) const {
    for (const plan::Assignment& assignment : extend.assignments) {
      if (ReadsAllFields(*assignment.value)) {
        names.reset();
        return;
      }
      std::vector<FieldRef> fields;
      CollectFields(*assignment.value, fields);
      for (const FieldRef& field : fields) AddField(field, names);
    }
  }
  void operator()(const plan::Rename& rename) const {
    for (const auto& [from, to] : rename.names) {
      if (names) names->insert(from);
    }
  }
  void operator()(const plan::Select&) const {}  // only takes away
  void operator()(const plan::Unwrap& unwrap) const {
    if (names) names->insert(unwrap.field);
  }
  void operator()(const plan::Dedup& dedup) const {
    for (const FieldRef& field : dedup.fields) AddField(field, names);
  }
  void operator()(const plan::Unnest& unnest) const { AddField(unnest.field, names); }
  void operator()(const plan::Sort& sort) const {
    for (const plan::SortKey& key : sort.keys) AddField(key.field, names);
  }
  void operator()(const plan::Limit&) const {}
  void operator()(const plan::Project& project) const {
    names.emplace();
    for (const plan::Column& column : project.columns) AddField(column.field, names);
  }
  void operator()(const plan::Aggregate& aggregate) const {
    names.emplace();
    for (const plan::GroupKey& key : aggregate.keys) {
      if (key.bucket_ns == 0) AddField(key.field, names);
    }
    for (const plan::Call& call : aggregate.calls) {
      if (call.has_field) AddField(call.field, names);
    }
  }
  void operator()(const plan::RangeAggregate& range) const {
    if (range.function == RangeFunction::kAbsent) {
      names.emplace();
    } else if (range.grouping && !range.grouping->without) {
      names.emplace(range.grouping->labels.begin(), range.grouping->labels.end());
    } else {
      names.reset();
    }
  }
  template <typename T>
  void operator()(const T&) const {}
};

// Keeps only the assignments that are read later, by those of the same stage too. One whose value may fail
// stays: its error is read.
void PruneExtend(plan::Extend& extend, Names names) {
  std::vector<plan::Assignment> kept;
  for (auto each = extend.assignments.rbegin(); each != extend.assignments.rend(); ++each) {
    const bool reads_all = ReadsAllFields(*each->value);
    if (!each->sets_line && !reads_all && names && !names->contains(each->name)) continue;
    std::vector<FieldRef> fields;
    CollectFields(*each->value, fields);
    for (const FieldRef& field : fields) AddField(field, names);
    if (reads_all) names.reset();
    kept.push_back(std::move(*each));
  }
  std::reverse(kept.begin(), kept.end());
  extend.assignments = std::move(kept);
}

}  // namespace

void PushGrouping(Plan& plan) {
  for (size_t i = 0; i + 1 < plan.stages.size(); ++i) {
    auto* const range = std::get_if<plan::RangeAggregate>(&plan.stages[i]);
    const auto* const vector = std::get_if<plan::VectorAggregate>(&plan.stages[i + 1]);
    if (range == nullptr || vector == nullptr || !Composes(range->function, vector->function)) continue;
    std::optional<plan::Grouping> grouping = Combined(range->grouping, vector->grouping);
    if (!grouping) continue;
    range->grouping = std::move(grouping);
    plan.stages.erase(plan.stages.begin() + static_cast<ptrdiff_t>(i) + 1);
    return;
  }
}

void PruneFields(Plan& plan) {
  Names names;  // read by the stages after the one at hand
  for (size_t i = plan.stages.size(); i > 0; --i) {
    Stage& stage = plan.stages[i - 1];
    if (names) {
      if (auto* const parse = std::get_if<plan::ParseFields>(&stage)) {
        parse->only.emplace(names->begin(), names->end());
      } else if (auto* const extend = std::get_if<plan::Extend>(&stage)) {
        PruneExtend(*extend, names);
        if (extend->assignments.empty()) {
          plan.stages.erase(plan.stages.begin() + static_cast<ptrdiff_t>(i) - 1);
          continue;
        }
      }
    }
    std::visit(Reads{names}, stage);
  }
}

}  // namespace taffrail::query::exec
