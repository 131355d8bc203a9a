// How often and when: what is counted of the lines of one form, and of one template.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace taffrail::pattern {

struct Tally {
  uint64_t count = 0;
  int64_t first_ns = INT64_MAX;
  int64_t last_ns = INT64_MIN;
  std::map<int64_t, uint64_t> counts;  // by the start of each step that has lines
  std::string sample;                  // the beginning of the first line; of several the least

  // Whatever the order, the same comes out.
  void Merge(Tally&& other);
  // From now on by longer steps.
  void Coarsen(int64_t step_ns);
};

}  // namespace taffrail::pattern
