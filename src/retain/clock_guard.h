// Whether the clock is to be believed, before lines are dropped for their age.
//
// A clock that goes wrong by years would age every line at once, and what is dropped does not come back. So a
// clock that went ahead by more than a day since it was last seen, while the server ran or between two runs
// of it, is doubted for a day: long enough for somebody to notice, and no loss where it was right, as after a
// holiday. Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>

namespace taffrail::retain {

class ClockGuard {
 public:
  // `seen_ns`: Unix time when it was believed last, in this run or the one before; null: never.
  explicit ClockGuard(std::optional<int64_t> seen_ns) : seen_ns_(seen_ns) {}

  // To be asked often, at least every hour. Both times in nanoseconds; the monotonic one does not jump.
  bool Believe(int64_t now_ns, int64_t monotonic_ns);

  // What the next run should begin with.
  std::optional<int64_t> seen_ns() const { return seen_ns_; }

 private:
  std::optional<int64_t> seen_ns_;
  std::optional<int64_t> doubted_since_ns_;  // monotonic
};

}  // namespace taffrail::retain
