// What lines are made of, as GET /api/v1/patterns and `taffrail patterns` tell it:
//
//   {"lines":9,"baseline_lines":0,"unmatched":0,"truncated":false,"step_ms":10000,"patterns":[
//    {"pattern":"job <_> done","lines":7,"first":"…","last":"…","new":false,"sample":"job 17 done",
//     "jumps":[{"from":"…","to":"…","lines":5,"usual":0.2}],"counts":[["2025-10-30T14:23:40Z",7]]},…]}
//
// "new", when asked since when, is a template none of whose lines is older. The lines from before that time
// are its baseline: how many there are is told, since without any everything is new. "jumps" are the times
// when a template had far more lines than it used to (pattern/jumps.h); those that ended before the time in
// question are left out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "server/pattern_lines.h"

namespace taffrail::server {

struct PatternReport {
  static constexpr size_t kMostSteps = 2000;  // more than a screen has columns
  static constexpr size_t kMostShown = 1000;  // as many as the miner tells apart

  size_t limit = kMostShown;
  std::optional<int64_t> new_since_ns;
  bool anomalies = false;  // only those that are new, or have jumps

  std::string ToJson(const MinedLines& found) const;
};

}  // namespace taffrail::server
