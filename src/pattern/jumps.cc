#include "pattern/jumps.h"

#include <algorithm>
#include <cmath>

#include "pattern/steps.h"

namespace taffrail::pattern {
namespace {

constexpr uint64_t kMinLines = 10;  // fewer are no news
constexpr double kTimesMean = 3;
constexpr double kDeviations = 5;
constexpr uint64_t kMinPast = 8;  // steps: of fewer nobody knows what is usual

}  // namespace

std::vector<Jump> JumpsOf(const std::map<int64_t, uint64_t>& counts, int64_t step_ns, int64_t first_ns) {
  std::vector<Jump> jumps;
  const int64_t begin_ns = StepStart(first_ns, step_ns);
  double sum = 0;  // of the steps so far
  double squares = 0;
  for (const auto& [at_ns, lines] : counts) {
    const uint64_t past_ns = static_cast<uint64_t>(at_ns) - static_cast<uint64_t>(begin_ns);
    const uint64_t past = past_ns / static_cast<uint64_t>(step_ns);
    const auto count = static_cast<double>(lines);
    if (past >= kMinPast && lines >= kMinLines) {
      const double mean = sum / static_cast<double>(past);
      const double variance = squares / static_cast<double>(past) - mean * mean;
      const double deviation = std::sqrt(std::max({variance, mean, 1.0}));
      if (count > kTimesMean * mean && count > mean + kDeviations * deviation) {
        const int64_t end_ns = at_ns > INT64_MAX - step_ns ? INT64_MAX : at_ns + step_ns;
        if (!jumps.empty() && jumps.back().to_ns == at_ns) {
          jumps.back().to_ns = end_ns;
          jumps.back().lines += lines;
        } else {
          jumps.push_back({at_ns, end_ns, lines, mean});
        }
      }
    }
    sum += count;
    squares += count * count;
  }
  return jumps;
}

}  // namespace taffrail::pattern
