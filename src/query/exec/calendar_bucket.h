// bucket() with a unit of the calendar, a time zone or an offset.
#pragma once

#include <memory>
#include <string>

#include "base/status.h"
#include "query/exec/functions.h"

namespace taffrail::query::exec {

// `interval`: "month" or "90m". `zone`: "Europe/Berlin" or "+02:00". `offset`: "6h". InvalidArgument: one of
// them is none, or is over nine years.
absl::StatusOr<std::unique_ptr<Evaluator>> MakeCalendarBucket(const std::string& interval,
                                                              const std::string& zone,
                                                              const std::string& offset,
                                                              std::unique_ptr<Evaluator> time);

}  // namespace taffrail::query::exec
