// The optimizer's passes over metric queries (optimize.h).
#pragma once

#include "query/plan/plan.h"

namespace taffrail::query::exec {

void PushGrouping(plan::Plan& plan);
void PruneFields(plan::Plan& plan);

}  // namespace taffrail::query::exec
