#include "server/scan.h"

#include <atomic>
#include <utility>

#include "fmt/format.h"

namespace taffrail::server {

absl::Status RunScan(App& app, const net::HttpResponder& responder, store::ScanRequest request,
                     const store::ScanSink& sink, const std::function<void()>& each_block) {
  const int64_t begin_ns = app.env.MonotonicNs();
  const int64_t deadline_ns = begin_ns + app.options.limits.query_timeout_ms * 1'000'000;
  std::atomic<bool> late = false;  // an unordered scan asks from several threads
  std::atomic<bool> gone = false;
  request.cancelled = [&] {
    if (each_block) each_block();
    if (app.env.MonotonicNs() > deadline_ns) late = true;
    if (app.stopping || responder.client_gone()) gone = true;
    return late || gone;
  };
  ++app.queries.queries;
  store::ScanStats stats;
  absl::Status status = app.store.Scan(request, sink, &stats);
  if (late) {
    status = absl::DeadlineExceededError(fmt::format(
        "the query took more than {} ms; ask for a shorter time range", app.options.limits.query_timeout_ms));
  } else if (app.stopping) {
    status = absl::UnavailableError("the server is stopping");
  } else if (gone) {
    status = absl::CancelledError("the client has gone");
    ++app.queries.cancelled;
  }
  if (!status.ok()) ++app.queries.failed;
  app.queries.AddScan(stats);
  app.queries.duration_us += static_cast<uint64_t>((app.env.MonotonicNs() - begin_ns) / 1000);
  return status;
}

query::exec::ExecOptions OptionsFor(App& app, const net::HttpResponder& responder) {
  query::exec::ExecOptions options;
  options.max_memory_bytes = app.options.limits.query_memory_bytes;
  options.max_time_ns = app.options.limits.query_timeout_ms * 1'000'000;
  options.cancelled = [&app, &responder] { return app.stopping || responder.client_gone(); };
  options.env = &app.env;
  return options;
}

}  // namespace taffrail::server
