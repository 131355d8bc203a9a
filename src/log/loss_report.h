// Lines that say how many lines are missing: dropped because a queue was full, or left out by the rules of
// taffrail/sampling.h. A log that loses without a word cannot be trusted.
#pragma once

#include <cstdint>
#include <optional>

#include "log/thinning.h"

namespace taffrail::log {

class Outputs;

// Not thread-safe.
class LossReport {
 public:
  // Writes what has been lost since the last time, when it is time for it: drops at most once a second, lines
  // left out at most once a minute; with `last`, at once.
  void Write(uint64_t dropped, const ThinningCounts& left_out, int64_t now_ns, bool last, Outputs& outputs);
  // Another configuration counts from zero.
  void ForgetLeftOut() { left_out_ = {}; }

 private:
  uint64_t dropped_ = 0;  // told
  int64_t dropped_told_ns_ = 0;
  ThinningCounts left_out_;  // told
  std::optional<int64_t> left_out_told_ns_;
};

}  // namespace taffrail::log
