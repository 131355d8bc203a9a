// Answers a tree of aggregations: each level is a plan that groups by all the keys above it, so that one scan
// answers all buckets of a level at once. What a level answers are the chosen buckets of the one above.
//
//   terms(level) > date_histogram > avg(took)
//     plan 1: by level: count            → the ten levels with the most
//     plan 2: by level, interval: count, avg(took), of those ten
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "elastic/hits.h"
#include "expr/expr.h"
#include "query/lang/elastic/aggs.h"

namespace taffrail::elastic {

// Elasticsearch's search.max_buckets.
inline constexpr size_t kMaxBuckets = 65'535;

// {"name":{…},…}
absl::StatusOr<std::string> Aggregate(const std::vector<query::lang::elastic::Aggregation>& aggregations,
                                      const expr::ExprPtr& filter, const RunPlan& run);

}  // namespace taffrail::elastic
