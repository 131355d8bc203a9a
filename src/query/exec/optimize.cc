#include "query/exec/optimize.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <memory>

#include "fmt/format.h"
#include "query/exec/optimize_series.h"

namespace taffrail::query::exec {
namespace {

using expr::Expr;
using expr::FieldRef;
using plan::Filter;
using plan::Order;
using plan::Plan;
using plan::Sort;

void MergeFilters(Plan& plan) {
  for (size_t i = 0; i < plan.stages.size();) {
    if (const auto* filter = std::get_if<Filter>(&plan.stages[i])) {
      plan.source.filter = expr::And({plan.source.filter, filter->condition});
      plan.stages.erase(plan.stages.begin() + static_cast<ptrdiff_t>(i));
    } else if (std::holds_alternative<Sort>(plan.stages[i])) {
      ++i;
    } else {
      return;  // after a limit or with columns a filter means something else
    }
  }
}

void NarrowRange(const Expr& expr, plan::TimeRange& range) {
  if (expr.op == Expr::Op::kAnd) {
    for (const expr::ExprPtr& child : expr.children) NarrowRange(*child, range);
    return;
  }
  if (!expr.children.empty() || expr.field.source != FieldRef::Source::kTimestamp) return;
  int64_t time_ns = 0;
  const char* end = expr.text.data() + expr.text.size();
  const auto result = std::from_chars(expr.text.data(), end, time_ns);
  if (result.ec != std::errc() || result.ptr != end) return;
  const int64_t after_ns = time_ns == INT64_MAX ? INT64_MAX : time_ns + 1;
  const bool from =
      expr.op == Expr::Op::kEqual || expr.op == Expr::Op::kGreater || expr.op == Expr::Op::kGreaterEqual;
  const bool to =
      expr.op == Expr::Op::kEqual || expr.op == Expr::Op::kLess || expr.op == Expr::Op::kLessEqual;
  if (from) range.from_ns = std::max(range.from_ns, expr.op == Expr::Op::kGreater ? after_ns : time_ns);
  if (to) range.to_ns = std::min(range.to_ns, expr.op == Expr::Op::kLess ? time_ns : after_ns);
}

void NarrowTimeRange(Plan& plan) { NarrowRange(*plan.source.filter, plan.source.range); }

void SortByTime(Plan& plan) {
  if (plan.stages.empty()) return;
  const auto* sort = std::get_if<Sort>(&plan.stages[0]);
  if (sort == nullptr || sort->keys.size() != 1 || sort->keys[0].field.source != FieldRef::Source::kTimestamp)
    return;
  // A stable sort keeps the source's order among equal times; only when both run the same way is it the
  // source's order.
  const Order wanted = sort->keys[0].descending ? Order::kDescending : Order::kAscending;
  if (plan.source.order != wanted && plan.source.order != Order::kNone) return;
  plan.source.order = wanted;
  plan.stages.erase(plan.stages.begin());
}

constexpr Pass kPasses[] = {
    {"merge_filters", MergeFilters}, {"time_range", NarrowTimeRange}, {"sort_by_time", SortByTime},
    {"push_grouping", PushGrouping}, {"prune_fields", PruneFields},
};

// The plan itself, then the right sides of its joins.
void ApplyPass(const Pass& pass, Plan& plan) {
  pass.apply(plan);
  for (plan::Stage& stage : plan.stages) {
    auto* const join = std::get_if<plan::Join>(&stage);
    if (join == nullptr) continue;
    Plan right = *join->right;
    ApplyPass(pass, right);
    join->right = std::make_shared<const Plan>(std::move(right));
  }
}

}  // namespace

std::span<const Pass> Passes() { return kPasses; }

absl::StatusOr<plan::Plan> Optimize(plan::Plan plan, std::span<const std::string> disabled,
                                    std::vector<PassStats>& stats) {
  for (const Pass& pass : kPasses) {
    if (std::find(disabled.begin(), disabled.end(), pass.name) != disabled.end()) continue;
    const auto begin = std::chrono::steady_clock::now();
    const Plan before = plan;
    ApplyPass(pass, plan);
    const absl::Status status = plan::Verify(plan);
    if (!status.ok()) {
      return absl::InternalError(fmt::format("the optimizer's pass {} has broken the plan: {}", pass.name,
                                             std::string(status.message())));
    }
    const auto time =
        std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - begin);
    stats.push_back({std::string(pass.name), !plan::Equal(before, plan), time.count()});
  }
  return plan;
}

}  // namespace taffrail::query::exec
