// jq filters over the lines of a log: docs/query-jq.md is the page for users.
//
//   select(.level == "ERROR") | {timestamp, message}
//
// The plan runs the whole filter by libjq (plan::JqFilter). Ahead of it stands what the store can answer of
// the first select: conditions that hold for every line of which the filter could make anything, and as few
// others as may be (pushdown.h).
#pragma once

#include <cstdint>
#include <string_view>

#include "base/status.h"
#include "query/plan/plan.h"

namespace taffrail::query::lang::jq {

// Range and order are the caller's to set. Whether the filter is one that jq accepts shows when the plan is
// run: libjq then says so. A filter's own `now` is the time when it runs. InvalidArgument here: it is empty,
// too long, or has a NUL byte.
absl::StatusOr<plan::Plan> Parse(std::string_view text, int64_t now_ns);

}  // namespace taffrail::query::lang::jq
