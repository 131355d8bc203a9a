// Rewrites a plan into one that means the same and costs less. Each pass is named and can be left out; the
// answer may not depend on it, which tests/query checks.
//
//   merge_filters     filters on records that directly follow the source (sorts between do not matter) become
//   its own time_range        comparisons of the timestamp in the source's filter narrow its time range
//   sort_by_time      a sort of the source's records by timestamp becomes the source's order
#pragma once

#include <span>
#include <string_view>

#include "query/plan/plan.h"

namespace taffrail::query::exec {

struct Pass {
  std::string_view name;
  void (*apply)(plan::Plan& plan);
};

std::span<const Pass> Passes();

plan::Plan Optimize(plan::Plan plan);

}  // namespace taffrail::query::exec
