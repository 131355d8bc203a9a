// Plans made from a seed, over the fields and values of sample.h.
#pragma once

#include <random>

#include "query/plan/plan.h"

namespace taffrail::query_test {

expr::ExprPtr RandomExpr(std::mt19937_64& random, int depth);
query::plan::Plan RandomPlan(std::mt19937_64& random);

}  // namespace taffrail::query_test
