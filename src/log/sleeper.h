// Where the backend sleeps, and who wakes it. A condition variable does the same and touches ten times as
// much code and data, of which nothing is in a cache after twenty idle milliseconds: what an idle process
// pays, fifty times a second.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <ctime>

namespace taffrail::log {

class Sleeper {
 public:
  // Returns when the time is over, and sometimes before; true: somebody called Wake since the last return.
  // One thread's alone.
  bool Sleep(int64_t duration_ms) {
    constexpr int64_t kMsPerS = 1'000, kNsPerMs = 1'000'000;
    uint32_t awake = kAwake;
    if (state_.compare_exchange_strong(awake, kAsleep)) {
      const timespec timeout = {.tv_sec = duration_ms / kMsPerS, .tv_nsec = duration_ms % kMsPerS * kNsPerMs};
      Futex(FUTEX_WAIT_PRIVATE, kAsleep, &timeout);
    }
    return state_.exchange(kAwake) == kWoken;
  }

  // From any thread. The next Sleep returns at once when none is under way.
  void Wake() {
    if (state_.exchange(kWoken) == kAsleep) Futex(FUTEX_WAKE_PRIVATE, 1, nullptr);
  }
  bool asleep() const { return state_.load(std::memory_order_relaxed) == kAsleep; }

  // In the child of a fork, where nobody sleeps any more.
  void Renew() { state_.store(kAwake); }

 private:
  static constexpr uint32_t kAwake = 0, kAsleep = 1, kWoken = 2;

  // futex(2). What it returns makes no difference: the state says why somebody is awake.
  void Futex(int operation, uint32_t value, const timespec* timeout) {
    static_assert(sizeof(state_) == sizeof(uint32_t));
    syscall(SYS_futex, &state_, operation, value, timeout, nullptr, 0);
  }

  std::atomic<uint32_t> state_{kAwake};
};

}  // namespace taffrail::log
