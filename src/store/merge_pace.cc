#include "store/merge_pace.h"

#include <algorithm>

namespace taffrail::store {

void MergePace::Wrote(uint64_t bytes) {
  if (bytes_per_s_ == 0) return;
  const int64_t begin_ns = env_.MonotonicNs();
  const double cost_ns = static_cast<double>(bytes) * 1e9 / static_cast<double>(bytes_per_s_);
  free_ns_ = std::max(free_ns_, begin_ns - kCreditNs) + static_cast<int64_t>(cost_ns);
  int64_t now_ns = begin_ns;
  while (now_ns < free_ns_ && !stop_ && hurried_ == 0) {
    env_.SleepNs(std::min(free_ns_ - now_ns, kSleepNs));
    now_ns = env_.MonotonicNs();
  }
  if (hurried_ > 0) free_ns_ = std::min(free_ns_, now_ns);  // what was written in a hurry is not made up for
  waited_ns_ += now_ns - begin_ns;
}

}  // namespace taffrail::store
