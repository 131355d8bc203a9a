#include "log/ticks.h"

#include <ctime>

#include "taffrail/detail/queue.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace taffrail::detail {

Atomic<bool> use_tsc{false};

uint64_t system_ticks() noexcept {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

}  // namespace taffrail::detail

namespace taffrail::log {
namespace {

int64_t MonotonicNs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC_RAW, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

bool UsesTsc() { return detail::use_tsc.load_relaxed(); }

// Below this the slope is worth less than a guess; a guess is enough for lines so young.
constexpr int64_t kBaselineNsMin = 100'000;
constexpr double kGuessNsPerTick = 0.35;

void ChooseTickSource() {
#if defined(__x86_64__)
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  constexpr unsigned kPowerLeaf = 0x8000'0007;
  constexpr unsigned kInvariantTsc = 1U << 8;
  if (__get_cpuid(kPowerLeaf, &eax, &ebx, &ecx, &edx) != 0 && (edx & kInvariantTsc) != 0) {
    detail::use_tsc.store_relaxed(true);
  }
#endif
}

uint64_t FirstTicks() {
  ChooseTickSource();
  return detail::now_ticks();
}

}  // namespace

TickClock::TickClock() : first_ticks_(FirstTicks()), first_monotonic_ns_(MonotonicNs()) { Synchronize(); }

void TickClock::Synchronize() {
  if (!UsesTsc()) return;  // ticks are Unix time
  ticks_ = detail::now_ticks();
  const int64_t baseline_ns = MonotonicNs() - first_monotonic_ns_;
  unix_ns_ = static_cast<int64_t>(detail::system_ticks());
  ns_per_tick_ = baseline_ns < kBaselineNsMin
                     ? kGuessNsPerTick
                     : static_cast<double>(baseline_ns) / static_cast<double>(ticks_ - first_ticks_);
}

int64_t TickClock::ToUnixNs(uint64_t ticks) const { return sample().ToUnixNs(ticks); }

ClockSample TickClock::sample() const {
  return UsesTsc() ? ClockSample{ticks_, unix_ns_, ns_per_tick_} : ClockSample{};
}

int64_t ClockSample::ToUnixNs(uint64_t at) const {
  if (ns_per_tick == 0) return static_cast<int64_t>(at);
  const auto since = static_cast<int64_t>(at - ticks);
  return unix_ns + static_cast<int64_t>(static_cast<double>(since) * ns_per_tick);
}

}  // namespace taffrail::log
