// What the process uses, as a line every so often: processor, memory, files, threads, queues, lines lost.
//
//   taffrail::events::ResourceSampler sampler({.interval = 30s, .queue_depth = [&] { return jobs.size(); }});
//
// Its thread sleeps between lines; one reading takes some fifty microseconds, and more with many open files.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>

#include "taffrail/value.h"

namespace taffrail::events {

// What the system does not tell is absent, and left out of the line.
struct ResourceUsage {
  std::chrono::nanoseconds cpu_time{};  // user and system, of all threads since the start
  std::optional<double> cpu_percent;    // since the reading before; 100 is one core. The first has none
  std::optional<int64_t> rss_bytes;
  std::optional<int64_t> fds;
  std::optional<int64_t> fds_max;  // the soft limit
  std::optional<int64_t> threads;
  std::optional<int64_t> queue_depth;  // the program's own, from ResourceOptions
  // Of the logging library, since the start: Stats in config.h.
  uint64_t log_lines_written = 0;
  uint64_t log_lines_dropped = 0;  // for want of room, or refused by a sink
  uint64_t log_calls_blocked = 0;
};
ResourceUsage read_resource_usage();

// Logger "performance.resources", INFO "Resource usage"; WARNING when lines were dropped since the one before
// or nine of ten file descriptors are in use. Not written without features().metrics.
void resource_usage(const ResourceUsage& usage, std::initializer_list<Field> more = {}) noexcept;

struct ResourceOptions {
  std::chrono::milliseconds interval = std::chrono::seconds(60);  // at least 10 ms
  // Called by the sampler's thread; what it throws leaves the field out.
  std::function<int64_t()> queue_depth = {};
};

// Writes resource_usage at once and then every interval, until it is stopped or destroyed. Start it after the
// last fork: a child has no such thread.
class ResourceSampler {
 public:
  explicit ResourceSampler(ResourceOptions options = {});
  ~ResourceSampler();
  ResourceSampler(const ResourceSampler&) = delete;
  ResourceSampler& operator=(const ResourceSampler&) = delete;

  // Returns when the thread is gone. May be called again.
  void stop() noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace taffrail::events
