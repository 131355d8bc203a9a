// How a client sends a body: how long it may still take, a grace and longer for every byte that has come; and
// how many bytes are worth waiting for.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace taffrail::net {

// Only waiting counts: what the handler does between two pulls is not the client's time.
class BodyPace {
 public:
  void BeginWait() { began_ = Clock::now(); }
  void EndWait() { waited_ += Clock::now() - began_; }
  void Took(uint64_t bytes) {
    if (bytes == 0) return;
    bytes_ += bytes;
    is_fast_ = bytes >= kFastBytes;
  }
  int64_t LeftMs(int64_t grace_ms, int64_t min_bytes_per_s) const {
    const int64_t earned_ms = static_cast<int64_t>(bytes_) * 1000 / min_bytes_per_s;
    const auto waited_ms = std::chrono::duration_cast<std::chrono::milliseconds>(waited_).count();
    return std::max<int64_t>(1, grace_ms + earned_ms - waited_ms);
  }

  // Of `most` that may come: where pieces are large, the next one is waited for as a whole. To be woken for
  // every segment costs more than to read it.
  size_t Least(size_t most) const { return is_fast_ ? std::min(most, kFastBytes) : 1; }
  // A piece was waited for in vain: from now on any byte will do. Whether that is news.
  bool SlowsDown() { return std::exchange(is_fast_, false); }

 private:
  static constexpr size_t kFastBytes = size_t{128} << 10;

  using Clock = std::chrono::steady_clock;
  Clock::time_point began_;
  Clock::duration waited_{};
  uint64_t bytes_ = 0;
  bool is_fast_ = false;
};

}  // namespace taffrail::net
