// What one request uses, counted wherever its work goes: on other threads, in coroutines, in callbacks, as
// far as its context is carried.
//
//   const taffrail::events::RequestStats stats;
//   const taffrail::events::RequestStatsScope scope(stats);
//   pool.post(taffrail::wrap([] { query(); }));    // query() calls count_database_query(): counted here
//   ...
//   taffrail::events::http_request({..., .stats = &stats});
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "taffrail/context.h"

namespace taffrail::events {

struct RequestCounters;  // the implementation's

// The counters. Copies count into the same ones. Thread-safe.
class RequestStats {
 public:
  struct Totals {
    uint64_t database_queries = 0;
    std::chrono::nanoseconds database_time{};  // of all queries together, also where they ran side by side
    // Of the whole process, with what other requests took meanwhile; known to within the last millisecond,
    // because asking the system costs as much as a short request. Zero unless features().memory_metrics.
    int64_t rss_start_bytes = 0;
    int64_t rss_delta_bytes = 0;
  };

  // Starts at zero, with the resident memory of now.
  RequestStats() noexcept;
  Totals totals() const noexcept;

 private:
  friend class RequestStatsScope;
  std::shared_ptr<RequestCounters> counters_;  // null when there was no memory for them
};

// Makes the stats those of this thread's context until the scope ends. Scopes opened and contexts captured
// meanwhile have them too.
class RequestStatsScope {
 public:
  explicit RequestStatsScope(const RequestStats& stats) noexcept;

 private:
  RequestStatsScope(const RequestStats& stats, const detail::Frame* before) noexcept;

  Scope scope_;  // without fields: a frame to hold the stats
};

// One query more in the stats of this thread's context; nothing when it has none. database.h and the
// instrumentation call it.
void count_database_query(std::chrono::nanoseconds took) noexcept;

}  // namespace taffrail::events
