// Fewer lines on purpose: sampling, rate limits, and one line for many in a tight loop. All of it happens on
// the backend, before a line is formatted; what was left out is counted, logged and exported.
#pragma once

#include <cstdint>
#include <string>

#include "taffrail/level.h"

namespace taffrail {

// Which lines a rule is about. The first rule that matches a line counts.
struct LineSelector {
  std::string logger;           // this one and those below it; empty: all
  std::string message;          // exactly this one; empty: all
  Level below = Level::kError;  // levels below this one. ERROR and up are never sampled, whatever it says
};

// Keeps a share of the lines. Lines of one trace (context field trace_id, else request_id, else
// correlation_id) are kept or dropped together; without an id each line is drawn for itself.
struct SampleRule {
  LineSelector lines;
  double rate = 1.0;  // 0 to 1
};

// At most `burst` lines of each call site at once and per_second after that; then one line says how many more
// there were.
struct RateRule {
  LineSelector lines;
  double per_second = 100;
  uint32_t burst = 100;
};

// Lines of one call site within the window become one: the last one's fields, repeat_count, and for each
// number its _min, _max and _sum.
struct AggregateRule {
  LineSelector lines;
  int64_t window_ms = 1000;
};

}  // namespace taffrail
