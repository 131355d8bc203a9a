// One request's lines as a timeline and waterfall.
//
//   req_8f4e2b1c   7 lines   3 services   412 ms   2025-10-30T14:23:45.123Z
//
//       0 ms  api       412 ms   ██████████████████████   32 ms of its own, 1 error
//      12 ms    worker  380 ms    ████████████████████    380 ms of its own
//
//   where time went   worker 380 ms (92 %)   api 32 ms (8 %)
//   pauses            250 ms from 40 ms on, after worker
//
//       0 ms  api      INFO   POST /api/v1/tasks                                █▏
//      12 ms  api      DEBUG  INSERT INTO tasks                        4.0 ms   ▕█
//     412 ms  worker   ERROR  Notification failed                      380 ms      ██████████████████
//
// A line that tells how long its work took (a field such as metadata.duration_ms) is drawn from its work's
// beginning to its end; any other line is a mark. The hops above are server/trail_hops.h's. Where the
// terminal is not known to show UTF-8, bars are of ASCII.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cmd/terminal.h"
#include "expr/matcher.h"
#include "record/batch.h"
#include "server/trail_hops.h"

namespace taffrail::cmd {

struct TrailLine {
  int64_t timestamp_ns = 0;
  std::string service;
  std::string level;
  std::string message;
  std::optional<double> duration_ms;  // of the work whose end the line tells
  std::string entry;                  // the whole record (server/record_json.h)
  std::string span_id;                // empty: none
  std::string parent_span_id;

  int64_t work_ns() const { return server::WorkNs(duration_ms); }
  int64_t begin_ns() const { return timestamp_ns - work_ns(); }
};

// Appends all rows. REQUIRES: all columns are loaded.
void AppendTrailLines(const record::RecordBatch& batch, std::vector<TrailLine>& lines);

// REQUIRES: in order of time, at least one.
std::string RenderTrail(std::string_view id, const std::vector<TrailLine>& lines, const Painter& painter,
                        size_t width, bool utf8);
// The document of GET /api/v1/trail/{id}. The same REQUIRES.
std::string TrailJson(std::string_view id, const std::vector<TrailLine>& lines);

}  // namespace taffrail::cmd
