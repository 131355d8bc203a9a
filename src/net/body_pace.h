// How long a client may still take with a body: a grace, and longer for every byte that has come.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace taffrail::net {

// Only waiting counts: what the handler does between two pulls is not the client's time.
class BodyPace {
 public:
  void BeginWait() { began_ = Clock::now(); }
  void EndWait() { waited_ += Clock::now() - began_; }
  void Took(uint64_t bytes) { bytes_ += bytes; }
  int64_t LeftMs(int64_t grace_ms, int64_t min_bytes_per_s) const {
    const int64_t earned_ms = static_cast<int64_t>(bytes_) * 1000 / min_bytes_per_s;
    const auto waited_ms = std::chrono::duration_cast<std::chrono::milliseconds>(waited_).count();
    return std::max<int64_t>(1, grace_ms + earned_ms - waited_ms);
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point began_;
  Clock::duration waited_{};
  uint64_t bytes_ = 0;
};

}  // namespace taffrail::net
