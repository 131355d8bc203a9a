#include "pattern/steps.h"

#include <initializer_list>

namespace taffrail::pattern {

int64_t StepStart(int64_t time_ns, int64_t step_ns) {
  const int64_t rest = time_ns % step_ns;
  const int64_t down_ns = rest < 0 ? rest + step_ns : rest;
  return time_ns < INT64_MIN + down_ns ? INT64_MIN : time_ns - down_ns;
}

int64_t LongerStep(int64_t step_ns) {
  constexpr int64_t kSecondNs = 1'000'000'000;
  for (const int64_t seconds : {1, 5, 10, 30, 60, 300, 900, 3600, 21'600, 86'400}) {
    if (seconds * kSecondNs > step_ns && seconds * kSecondNs % step_ns == 0) return seconds * kSecondNs;
  }
  return step_ns > INT64_MAX / 2 ? INT64_MAX : step_ns * 2;
}

int64_t StepThatCovers(int64_t step_ns, int64_t first_ns, int64_t last_ns, uint64_t max_steps) {
  const uint64_t length_ns = static_cast<uint64_t>(last_ns) - static_cast<uint64_t>(first_ns);
  while (length_ns / static_cast<uint64_t>(step_ns) + 2 > max_steps && step_ns != INT64_MAX)
    step_ns = LongerStep(step_ns);
  return step_ns;
}

}  // namespace taffrail::pattern
