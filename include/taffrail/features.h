// What the request middleware and the standard events do: set with Config, read wherever they run.
#pragma once

#include <cstdint>

namespace taffrail {

// Each names the environment variable that sets it.
struct Features {
  bool tracing = true;              // LOG_ENABLE_TRACING: spans for requests
  bool metrics = true;              // LOG_ENABLE_METRICS: performance events
  bool audit = true;                // LOG_ENABLE_AUDIT: audit events
  bool slow_requests_only = false;  // LOG_SLOW_REQUESTS_ONLY: no event for a fast, successful request
  int64_t slow_request_threshold_ms = 1000;  // SLOW_REQUEST_THRESHOLD_MS
  bool memory_metrics = true;                // INCLUDE_MEMORY_METRICS: RSS delta of each request
  bool database_metrics = true;              // INCLUDE_DATABASE_METRICS: queries of each request
  bool audit_all_requests = false;           // AUDIT_LOG_ALL_REQUESTS: else only those that change something
};

// Those of the last init(). Thread-safe.
Features features() noexcept;

}  // namespace taffrail
