// Time at the call site costs one instruction: the processor's time-stamp counter. The backend turns ticks
// into time.
#pragma once

#include <cstdint>

namespace taffrail::log {

// A place and a slope. ns_per_tick 0: ticks are Unix nanoseconds.
struct ClockSample {
  uint64_t ticks = 0;
  int64_t unix_ns = 0;
  double ns_per_tick = 0;

  int64_t ToUnixNs(uint64_t at) const;
};

// Ticks to Unix time. Not thread-safe. The first one made decides whether the counter can be used: it must
// run at a constant rate, also in sleep states, and alike on all cores ("invariant TSC").
//
// The rate is the slope between the first reading and the latest; the place is the latest reading, so that a
// step of the system clock is followed at once. A line is converted within milliseconds of being logged,
// which keeps the error far below a microsecond.
class TickClock {
 public:
  TickClock();
  void Synchronize();  // reads both clocks
  int64_t ToUnixNs(uint64_t ticks) const;
  // The last synchronization, for another process to convert this one's ticks.
  ClockSample sample() const;

 private:
  uint64_t first_ticks_;
  int64_t first_monotonic_ns_;
  uint64_t ticks_ = 0;
  int64_t unix_ns_ = 0;
  double ns_per_tick_ = 1.0;
};

}  // namespace taffrail::log
