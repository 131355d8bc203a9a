#include "pattern/tally.h"

#include <algorithm>
#include <utility>

#include "pattern/steps.h"

namespace taffrail::pattern {

void Tally::Merge(Tally&& other) {
  if (other.first_ns < first_ns || (other.first_ns == first_ns && other.sample < sample))
    sample = std::move(other.sample);
  count += other.count;
  first_ns = std::min(first_ns, other.first_ns);
  last_ns = std::max(last_ns, other.last_ns);
  for (const auto& [begin_ns, lines] : other.counts) counts[begin_ns] += lines;
}

void Tally::Coarsen(int64_t step_ns) {
  std::map<int64_t, uint64_t> coarse;
  for (const auto& [begin_ns, lines] : counts) coarse[StepStart(begin_ns, step_ns)] += lines;
  counts = std::move(coarse);
}

}  // namespace taffrail::pattern
