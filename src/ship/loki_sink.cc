// The sender's thread: takes batches, posts them, tries again.
//
//   answer                        what happens to the batch
//   2xx                           sent
//   408, 429, 5xx, none           again, after a jittered exponential wait, at least what Retry-After asks
//   for any other                     refused for good: counted, told once on the standard error
//
// At the end of the program flush() gives it some seconds; what is left then is counted as dropped.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <thread>
#include <utility>

#include "absl/time/clock.h"
#include "base/backoff.h"
#include "base/env.h"
#include "net/http_client.h"
#include "ship/line_queue.h"
#include "ship/push_body.h"
#include "taffrail/ship.h"

namespace taffrail {
namespace {

using ship::Chunk;
using ship::LineQueue;

// After the sink is let go: long enough for one request to a healthy server.
constexpr auto kDrainTime = absl::Seconds(3);

bool MayPass(int status) { return status == 408 || status == 429 || status >= 500; }

class HttpLokiSink : public LokiSink {
 public:
  explicit HttpLokiSink(LokiConfig config)
      : config_(std::move(config)),
        queue_({.queue_bytes = config_.queue_bytes,
                .batch_bytes = config_.batch_bytes,
                .batch_lines = config_.batch_lines,
                .batch_age = absl::Milliseconds(config_.batch_age_ms)}),
        body_(config_.labels, config_.level_label),
        sender_([this] { Run(); }) {}

  ~HttpLokiSink() override {
    queue_.Flush(absl::Now() + kDrainTime);
    stop_.store(true);
    queue_.Close();
    client_.Cancel();
    sender_.join();
  }

  bool write(const Batch& batch) override {
    if (queue_.Add(batch)) return true;
    dropped_ += batch.entries.size();
    return false;
  }

  bool flush(int64_t timeout_ms) override {
    return queue_.Flush(absl::Now() + absl::Milliseconds(timeout_ms));
  }

  LokiStats stats() const override {
    return {.lines_sent = sent_,
            .batches_sent = batches_,
            .retries = retries_,
            .lines_dropped = dropped_,
            .lines_refused = refused_};
  }

 private:
  void Run() {
    while (true) {
      const std::vector<Chunk> chunks = queue_.Take();
      if (chunks.empty()) return;
      const size_t lines = Encode(chunks);
      if (stop_.load()) {
        dropped_ += lines;
      } else {
        Deliver(lines);
      }
      queue_.Done();
    }
  }

  // Fills request_; returns the number of lines.
  size_t Encode(const std::vector<Chunk>& chunks) {
    for (const Chunk& chunk : chunks) {
      const char* at = chunk.text.data();
      for (const Chunk::Line& line : chunk.lines) {
        body_.Add(line.level, line.time_ns, {at, line.size});
        at += line.size + 1;
      }
    }
    const size_t lines = body_.lines();
    request_ = {.method = "POST",
                .url = config_.url + "/loki/api/v1/push",
                .headers = {{"Content-Type", "application/json"}},
                .body = body_.Finish(),
                .total_timeout_ms = config_.request_timeout_ms};
    if (config_.gzip) {
      request_.body = ship::Gzip(request_.body);
      request_.headers.Add("Content-Encoding", "gzip");
    }
    if (!config_.tenant.empty()) request_.headers.Add("X-Scope-OrgID", config_.tenant);
    for (const auto& [name, value] : config_.headers) request_.headers.Add(name, value);
    return lines;
  }

  void Deliver(size_t lines) {
    base::Backoff backoff(base::Env::Posix(),
                          {.initial_ms = config_.backoff_initial_ms, .max_ms = config_.backoff_max_ms});
    while (true) {
      const auto response = client_.Send(request_);
      std::optional<int64_t> retry_after_ms;
      if (response.ok()) {
        if (response->status / 100 == 2) {
          told_ = false;
          sent_ += lines;
          ++batches_;
          return;
        }
        const std::string reason =
            "answered " + std::to_string(response->status) + ": " + response->body.substr(0, 200);
        if (!MayPass(response->status)) {
          Tell(reason, "; " + std::to_string(lines) + " lines are refused");
          refused_ += lines;
          return;
        }
        Tell(reason, "; trying again");
        retry_after_ms = response->retry_after_ms;
      } else {
        Tell(std::string(response.status().message()), "; trying again");
      }
      queue_.Pause(absl::Milliseconds(backoff.NextDelayMs(retry_after_ms)));
      if (stop_.load()) {
        dropped_ += lines;
        return;
      }
      ++retries_;
    }
  }

  // Once for each trouble, until something is delivered again: a log that cannot be sent must not fill the
  // console.
  void Tell(const std::string& reason, const std::string& what) {
    if (std::exchange(told_, true)) return;
    std::fprintf(stderr, "taffrail: sending logs to %s: %s%s\n", config_.url.c_str(), reason.c_str(),
                 what.c_str());
  }

  const LokiConfig config_;
  LineQueue queue_;
  std::atomic<bool> stop_{false};
  std::atomic<uint64_t> sent_{0}, batches_{0}, retries_{0}, dropped_{0}, refused_{0};

  // The sender's own.
  ship::PushBody body_;
  net::HttpClient client_;
  net::HttpClientRequest request_;
  bool told_ = false;

  std::thread sender_;  // last: it uses all others
};

}  // namespace

std::shared_ptr<LokiSink> loki_sink(LokiConfig config) {
  while (config.url.ends_with('/')) config.url.pop_back();
  return std::make_shared<HttpLokiSink>(std::move(config));
}

}  // namespace taffrail
