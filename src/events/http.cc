#include "taffrail/events/http.h"

#include <algorithm>
#include <atomic>

#include "events/write_event.h"
#include "taffrail/features.h"

namespace taffrail::events {
namespace {

// Each by itself: an event between two changes of the three is measured by a mixture, which harms nobody.
std::atomic<int64_t> fast_ns{PerformanceTiers().fast.count()};
std::atomic<int64_t> normal_ns{PerformanceTiers().normal.count()};
std::atomic<int64_t> slow_ns{PerformanceTiers().slow.count()};

constexpr EventKind kHttpRequest{"http_request", "HTTP request completed"};

bool IsWanted(const HttpRequestEvent& event, const Features& features) {
  if (!features.metrics) return false;
  return !features.slow_requests_only || event.status_code >= 400 ||
         event.duration >= std::chrono::milliseconds(features.slow_request_threshold_ms);
}

Level LevelOf(const HttpRequestEvent& event) {
  if (event.status_code >= 500) return Level::kError;
  const bool is_slow = event.duration >= performance_tiers().slow;
  return event.status_code >= 400 || is_slow ? Level::kWarning : Level::kInfo;
}

void AddStats(Fields& fields, const RequestStats& stats, const Features& features) {
  const RequestStats::Totals totals = stats.totals();
  if (features.database_metrics) {
    fields.Add("database_queries", totals.database_queries);
    fields.Add("database_time_ms", totals.database_time);
  }
  if (features.memory_metrics && totals.rss_start_bytes != 0) {
    fields.Add("rss_start_bytes", totals.rss_start_bytes);
    fields.Add("rss_delta_bytes", totals.rss_delta_bytes);
  }
}

}  // namespace

void set_performance_tiers(const PerformanceTiers& tiers) noexcept {
  fast_ns.store(tiers.fast.count(), std::memory_order_relaxed);
  normal_ns.store(std::max(tiers.fast, tiers.normal).count(), std::memory_order_relaxed);
  slow_ns.store(std::max({tiers.fast, tiers.normal, tiers.slow}).count(), std::memory_order_relaxed);
}

PerformanceTiers performance_tiers() noexcept {
  return {.fast = std::chrono::nanoseconds(fast_ns.load(std::memory_order_relaxed)),
          .normal = std::chrono::nanoseconds(normal_ns.load(std::memory_order_relaxed)),
          .slow = std::chrono::nanoseconds(slow_ns.load(std::memory_order_relaxed))};
}

std::string_view performance_tier(std::chrono::nanoseconds duration) noexcept {
  const PerformanceTiers tiers = performance_tiers();
  if (duration < tiers.fast) return "fast";
  if (duration < tiers.normal) return "normal";
  return duration < tiers.slow ? "slow" : "very_slow";
}

void http_request(const HttpRequestEvent& event, std::initializer_list<Field> more) noexcept {
  static const Logger logger("performance.http");
  const Features features = taffrail::features();
  if (!IsWanted(event, features)) return;
  // Where the middleware stands in its source helps nobody: the place of the event is this one.
  WriteEvent(logger, LevelOf(event), kHttpRequest, more, SourceLocation::current(), [&](Fields& fields) {
    fields.Add("method", event.method);
    fields.Add("path", event.path);
    fields.Add("status_code", event.status_code);
    fields.Add("duration_ms", event.duration);
    fields.Text("user_agent", CutText(event.user_agent, kUserAgentBytesMax));
    fields.Text("ip_address", event.ip_address);
    fields.Number("request_size_bytes", event.request_size_bytes);
    fields.Number("response_size_bytes", event.response_size_bytes);
    fields.Text("route", event.route);
    fields.Add("performance_tier", performance_tier(event.duration));
    if (event.stats != nullptr) AddStats(fields, *event.stats, features);
  });
}

}  // namespace taffrail::events
