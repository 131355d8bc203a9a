// Rewrites a plan into one that means the same and costs less. Each pass is named and can be left out; the
// answer may not depend on it, which tests/query checks.
//
//   merge_filters     filters on records that directly follow the source (sorts between do not matter) become
//   its own time_range        comparisons of the timestamp in the source's filter narrow its time range
//   sort_by_time      a sort of the source's records by timestamp becomes the source's order
//   push_grouping     a sum of counts, and the like, counts by those groups at once
//   prune_fields      what no later stage reads is neither parsed nor computed
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "query/exec/executor.h"
#include "query/plan/plan.h"

namespace taffrail::query::exec {

struct Pass {
  std::string_view name;
  void (*apply)(plan::Plan& plan);
};

std::span<const Pass> Passes();

// Applies the passes but those named, joins' right sides included. Internal: a pass has broken the plan.
absl::StatusOr<plan::Plan> Optimize(plan::Plan plan, std::span<const std::string> disabled,
                                    std::vector<PassStats>& stats);

}  // namespace taffrail::query::exec
