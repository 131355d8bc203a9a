// Chance, from a seed: the same seed plays the same requests in the same order on each visitor.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

namespace traffic {

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}

  int Below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(engine_); }
  // The time to the next of events that come at this rate without knowing of each other.
  double Gap(double per_second) { return std::exponential_distribution<double>(per_second)(engine_); }
  double Unit() { return std::uniform_real_distribution<double>(0.0, 1.0)(engine_); }

 private:
  std::mt19937_64 engine_;
};

// Rank r is drawn in proportion to 1/(r+1): a few users make most of the requests.
class Zipf {
 public:
  explicit Zipf(int count) {
    double sum = 0;
    for (int rank = 0; rank < count; ++rank) {
      sum += 1.0 / (rank + 1);
      cumulative_.push_back(sum);
    }
  }

  int Draw(Random& random) const {
    const auto found = std::ranges::lower_bound(cumulative_, random.Unit() * cumulative_.back());
    return static_cast<int>(
        std::min<std::ptrdiff_t>(found - cumulative_.begin(), std::ssize(cumulative_) - 1));
  }

 private:
  std::vector<double> cumulative_;
};

}  // namespace traffic
