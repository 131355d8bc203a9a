// The event of an HTTP request that a server answered: one line a request, written when it is over.
//
//   taffrail::events::http_request({.method = "POST", .path = "/api/v1/tasks", .status_code = 201,
//                                   .duration = elapsed, .stats = &stats});
//
// Who asked stands in the context (request_id, user_id, organization_id), where scopes put it. docs/events.md
// has the line, docs/schemas/http_request.json its schema.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "taffrail/events/request_stats.h"
#include "taffrail/value.h"

namespace taffrail::events {

// Browsers' names for themselves stay below; what is longer says nothing more. In bytes; cut between
// characters.
inline constexpr size_t kUserAgentBytesMax = 200;

// Empty texts and absent numbers are left out of the line.
struct HttpRequestEvent {
  std::string_view method;
  std::string_view path;        // as asked for, without the query string, which may hold secrets
  std::string_view route = {};  // the template that matched: /api/v1/tasks/{id}
  int status_code = 0;
  std::chrono::nanoseconds duration{};
  std::string_view user_agent = {};                 // whole; the line has its first kUserAgentBytesMax
  std::string_view ip_address = {};                 // the client's, behind the proxies that are trusted
  std::optional<uint64_t> request_size_bytes = {};  // of the bodies
  std::optional<uint64_t> response_size_bytes = {};
  const RequestStats* stats = nullptr;  // what this request used
};

// Logger "performance.http"; ERROR from status 500 up, WARNING from 400 up and for the tier very_slow, else
// INFO. Written unless features() say otherwise: never without metrics, and with slow_requests_only not for a
// request below 400 that took less than slow_request_threshold_ms.
void http_request(const HttpRequestEvent& event, std::initializer_list<Field> more = {}) noexcept;

// How long is fast. A request belongs to the first tier whose limit it stays below.
struct PerformanceTiers {
  std::chrono::nanoseconds fast = std::chrono::milliseconds(100);
  std::chrono::nanoseconds normal = std::chrono::seconds(1);
  std::chrono::nanoseconds slow = std::chrono::seconds(5);  // from here on very_slow
};
// For all events from now on; thread-safe. Limits that do not grow are set right by raising the later ones.
void set_performance_tiers(const PerformanceTiers& tiers) noexcept;
PerformanceTiers performance_tiers() noexcept;
// "fast", "normal", "slow" or "very_slow".
std::string_view performance_tier(std::chrono::nanoseconds duration) noexcept;

}  // namespace taffrail::events
