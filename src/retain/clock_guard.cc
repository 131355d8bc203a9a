#include "retain/clock_guard.h"

namespace taffrail::retain {
namespace {

constexpr int64_t kDayNs = int64_t{86'400} * 1'000'000'000;
constexpr int64_t kJumpNs = kDayNs;  // clocks that are set by hand or by their zone are off by hours
constexpr int64_t kDoubtNs = kDayNs;

}  // namespace

bool ClockGuard::Believe(int64_t now_ns, int64_t monotonic_ns) {
  if (seen_ns_ && now_ns > *seen_ns_ && now_ns - *seen_ns_ > kJumpNs) {
    if (!doubted_since_ns_) doubted_since_ns_ = monotonic_ns;
    if (monotonic_ns - *doubted_since_ns_ < kDoubtNs) return false;
  }
  doubted_since_ns_.reset();
  seen_ns_ = now_ns;
  return true;
}

}  // namespace taffrail::retain
