#include "taffrail/events/request_stats.h"

#include <atomic>

#include "context/frame.h"
#include "events/process_memory.h"
#include "taffrail/detail/queue.h"
#include "taffrail/features.h"

namespace taffrail::events {

struct RequestCounters {
  std::atomic<uint64_t> database_queries{0};
  std::atomic<int64_t> database_ns{0};
  int64_t rss_start_bytes = 0;  // zero: not measured
};

RequestStats::RequestStats() noexcept {
  try {
    counters_ = std::make_shared<RequestCounters>();
    if (features().memory_metrics) counters_->rss_start_bytes = RecentRss();
  } catch (...) {  // no memory: the request goes on uncounted
  }
}

RequestStats::Totals RequestStats::totals() const noexcept {
  if (counters_ == nullptr) return {};
  const int64_t rss_start = counters_->rss_start_bytes;
  return {.database_queries = counters_->database_queries.load(std::memory_order_relaxed),
          .database_time = std::chrono::nanoseconds(counters_->database_ns.load(std::memory_order_relaxed)),
          .rss_start_bytes = rss_start,
          .rss_delta_bytes = rss_start == 0 ? 0 : RecentRss() - rss_start};
}

RequestStatsScope::RequestStatsScope(const RequestStats& stats) noexcept
    : RequestStatsScope(stats, detail::current_frame) {}

RequestStatsScope::RequestStatsScope(const RequestStats& stats, const detail::Frame* before) noexcept
    : scope_({}) {
  // A frame that is not new, for want of memory, is other people's too.
  detail::Frame* frame = detail::current_frame;
  if (frame != before) frame->companion = stats.counters_;
}

void count_database_query(std::chrono::nanoseconds took) noexcept {
  const detail::Frame* frame = detail::current_frame;
  if (frame == nullptr || frame->companion == nullptr) return;
  auto& counters = *static_cast<RequestCounters*>(frame->companion.get());
  counters.database_queries.fetch_add(1, std::memory_order_relaxed);
  counters.database_ns.fetch_add(took.count(), std::memory_order_relaxed);
}

}  // namespace taffrail::events
