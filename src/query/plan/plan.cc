#include "query/plan/plan.h"

#include <algorithm>
#include <type_traits>

#include "expr/text.h"

namespace taffrail::query::plan {
namespace {

bool Same(double a, double b) { return a == b || (a != a && b != b); }

bool EqualStage(const Filter& a, const Filter& b) { return expr::Equal(*a.condition, *b.condition); }
bool EqualStage(const Project& a, const Project& b) { return a.columns == b.columns; }
bool EqualStage(const Aggregate& a, const Aggregate& b) { return a.keys == b.keys && a.calls == b.calls; }
bool EqualStage(const Sort& a, const Sort& b) { return a.keys == b.keys; }
bool EqualStage(const Mark& a, const Mark& b) {
  return a.error == b.error && expr::Equal(*a.condition, *b.condition);
}
bool EqualStage(const Extend& a, const Extend& b) {
  return std::equal(a.assignments.begin(), a.assignments.end(), b.assignments.begin(), b.assignments.end(),
                    [](const Assignment& x, const Assignment& y) {
                      return x.name == y.name && x.sets_line == y.sets_line && Equal(*x.value, *y.value);
                    });
}
bool EqualStage(const ScalarOperation& a, const ScalarOperation& b) {
  return a.op == b.op && Same(a.scalar, b.scalar) && a.scalar_left == b.scalar_left &&
         a.returns_bool == b.returns_bool;
}
bool EqualStage(const Join& a, const Join& b) {
  return a.op == b.op && a.returns_bool == b.returns_bool && a.match == b.match && a.labels == b.labels &&
         a.cardinality == b.cardinality && a.include == b.include && Equal(*a.right, *b.right);
}
template <typename T>
bool EqualStage(const T& a, const T& b) {
  return a == b;
}

bool EqualStages(const Stage& a, const Stage& b) {
  if (a.index() != b.index()) return false;
  return std::visit(
      [&b](const auto& left) { return EqualStage(left, std::get<std::decay_t<decltype(left)>>(b)); }, a);
}

bool EqualConstants(const std::optional<ConstantVector>& a, const std::optional<ConstantVector>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return Same(a->value, b->value) && a->grid == b->grid;
}

template <typename T, typename... Ts>
constexpr bool kIsOneOf = (std::is_same_v<T, Ts> || ...);

}  // namespace

bool Equal(const Plan& a, const Plan& b) {
  return a.source.range == b.source.range && a.source.order == b.source.order &&
         expr::Equal(*a.source.filter, *b.source.filter) &&
         EqualConstants(a.source.constant, b.source.constant) &&
         std::equal(a.stages.begin(), a.stages.end(), b.stages.begin(), b.stages.end(), EqualStages);
}

Flowing After(Flowing before, const Stage& stage) {
  return std::visit(
      [before](const auto& one) {
        using T = std::decay_t<decltype(one)>;
        if (kIsOneOf<T, Project, Aggregate>) return Flowing::kTable;
        if (kIsOneOf<T, RangeAggregate>) return Flowing::kSeries;
        if (kIsOneOf<T, ParseFields, Rename, Select, Mark, Unwrap, JqFilter>) return Flowing::kEntries;
        if (kIsOneOf<T, Extend, Dedup, Unnest>)
          return before == Flowing::kRecords ? Flowing::kEntries : before;
        return before;
      },
      stage);
}

Flowing ResultOf(const Plan& plan) {
  Flowing flowing = plan.source.constant ? Flowing::kSeries : Flowing::kRecords;
  for (const Stage& stage : plan.stages) flowing = After(flowing, stage);
  return flowing;
}

}  // namespace taffrail::query::plan
