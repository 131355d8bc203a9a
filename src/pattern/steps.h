// Steps of time that lines are counted by, and how they become longer.
#pragma once

#include <cstdint>

namespace taffrail::pattern {

// The start of the step that a time lies in, counted from 1970.
int64_t StepStart(int64_t time_ns, int64_t step_ns);

// The next longer step that people know, a whole number of this one; of those beyond a day twice as long.
int64_t LongerStep(int64_t step_ns);

// The shortest of this step and the longer ones of which no more than max_steps touch [first_ns, last_ns].
int64_t StepThatCovers(int64_t step_ns, int64_t first_ns, int64_t last_ns, uint64_t max_steps);

}  // namespace taffrail::pattern
