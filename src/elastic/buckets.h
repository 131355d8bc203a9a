// Buckets of one aggregation: how their keys are computed, ordered, filled up and written.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "expr/expr.h"
#include "expr/value.h"
#include "query/lang/elastic/aggs.h"
#include "query/plan/plan.h"

namespace taffrail::elastic {

struct Bucket {
  std::vector<expr::Value> keys;  // one; of a composite several
  uint64_t count = 0;
  std::vector<expr::Value> metrics;  // values of the calls of the children that are metrics
};

// One key of a plan's groups: what is computed first, and what is grouped by.
struct KeyPlan {
  std::vector<query::plan::Assignment> computed;
  query::plan::GroupKey key;
};
// REQUIRES: terms, date_histogram or histogram. `number` makes names unique.
KeyPlan KeyOf(const query::lang::elastic::Aggregation& aggregation, size_t number);

// A group's value as a key: times as Unix nanoseconds, numbers in one notation.
expr::Value Normal(const query::lang::elastic::Aggregation& aggregation, expr::Value value);

// The records of a bucket.
expr::ExprPtr ConditionOf(const query::lang::elastic::Aggregation& aggregation, const expr::Value& key);

// Orders the buckets of one parent, cuts them and fills gaps. `others`: documents in the buckets that are
// cut. ResourceExhausted: more than `most` buckets.
absl::Status Arrange(const query::lang::elastic::Aggregation& aggregation, size_t most,
                     std::vector<Bucket>& buckets, uint64_t& others);

// "key":…,"key_as_string":…
void AppendKey(const query::lang::elastic::Aggregation& aggregation, const expr::Value& key,
               std::string& out);
// The key as an object's member has it: of keyed histograms.
std::string KeyText(const query::lang::elastic::Aggregation& aggregation, const expr::Value& key);
// Only the value: of composites.
void AppendKeyValue(const query::lang::elastic::Aggregation& source, const expr::Value& key,
                    std::string& out);

absl::Status TooManyBuckets(size_t count);

}  // namespace taffrail::elastic
