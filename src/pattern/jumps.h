// When a template has far more lines than it used to: the rate anomalies of its counts over time.
//
//   lines   4  5  3  6  4  5  4  5  4   71  64    5  4
//                                       └─ jump ┘        usual: 4.4
//
// Each step is compared with the steps before it, those without lines included: it stands out when it has at
// least kMinLines, three times their mean, and more than their mean and five deviations, which are at least
// those of events that come by chance (Poisson). A step that stood out is past for the next ones: what stays
// high is the new usual, and is told once. Fewer lines than usual are not told, since the last step may not
// be over.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

namespace taffrail::pattern {

struct Jump {
  int64_t from_ns = 0;  // of its first step
  int64_t to_ns = 0;    // the end of its last
  uint64_t lines = 0;
  double usual = 0;  // lines in one step, before
};

// `counts`: by the start of each step that has lines. `first_ns`: the first time of all templates, since
// which this one could have had lines.
std::vector<Jump> JumpsOf(const std::map<int64_t, uint64_t>& counts, int64_t step_ns, int64_t first_ns);

}  // namespace taffrail::pattern
