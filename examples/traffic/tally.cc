#include "traffic/tally.h"

#include <algorithm>

namespace traffic {

constexpr size_t kDurationsMax = 100'000;  // enough for a steady 99th percentile, 400 KB

void Tally::Answered(int status, bool expected, double duration_ms) {
  const std::scoped_lock lock(mutex_);
  const auto slot = static_cast<size_t>(counts_.requests) % kDurationsMax;
  if (durations_ms_.size() < kDurationsMax) {
    durations_ms_.push_back(static_cast<float>(duration_ms));
  } else {
    durations_ms_[slot] = static_cast<float>(duration_ms);
  }
  ++counts_.requests;
  ++counts_.by_status[status];
  counts_.unexpected += expected ? 0 : 1;
}

void Tally::Unanswered() {
  const std::scoped_lock lock(mutex_);
  ++counts_.requests;
  ++counts_.unanswered;
}

void Tally::Sample(const std::string& request_id) {
  const std::scoped_lock lock(mutex_);
  sample_request_id_ = request_id;
}

Counts Tally::counts() const {
  const std::scoped_lock lock(mutex_);
  return counts_;
}

std::string Tally::sample_request_id() const {
  const std::scoped_lock lock(mutex_);
  return sample_request_id_;
}

double Tally::PercentileMs(double fraction) const {
  std::vector<float> sorted;
  {
    const std::scoped_lock lock(mutex_);
    sorted = durations_ms_;
  }
  if (sorted.empty()) {
    return 0;
  }
  const auto rank = static_cast<std::ptrdiff_t>(fraction * static_cast<double>(sorted.size() - 1));
  std::nth_element(sorted.begin(), sorted.begin() + rank, sorted.end());
  return sorted[static_cast<size_t>(rank)];
}

}  // namespace traffic
