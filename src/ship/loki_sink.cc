// Lines wait in memory, or with a spool_dir on disk; a courier (sink/courier.h) takes them to Loki.
//
// At the end of the program flush() gives it some seconds; what is left in memory then is counted as dropped,
// what is left on disk is sent by the next process.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <optional>
#include <thread>
#include <utility>

#include "absl/time/clock.h"
#include "base/own_thread.h"
#include "ship/line_queue.h"
#include "ship/loki_delivery.h"
#include "sink/dead_letters.h"
#include "sink/durable_sink.h"
#include "taffrail/ship.h"

namespace taffrail {
namespace {

using ship::Chunk;
using ship::LineQueue;

// After the sink is let go: long enough for one request to a healthy server.
constexpr auto kDrainTime = absl::Seconds(3);

class MemoryLokiSink final : public LokiSink {
 public:
  explicit MemoryLokiSink(const LokiConfig& config)
      : queue_({.queue_bytes = config.queue_bytes,
                .batch_bytes = config.batch_bytes,
                .batch_lines = config.batch_lines,
                .batch_age = absl::Milliseconds(config.batch_age_ms)}),
        loki_(config),
        courier_(
            loki_,
            {.name = config.url,
             .backoff_initial_ms = config.backoff_initial_ms,
             .backoff_max_ms = config.backoff_max_ms,
             .breaker_failures = config.breaker_failures,
             .breaker_open_ms = config.breaker_open_ms},
            [this](const Entry& entry, std::string_view why) {
              return !dead_letters_ || dead_letters_->Add(entry, why);
            },
            [this](absl::Duration wait) {
              queue_.Pause(wait);
              return !stop_.load();
            }) {
    if (!config.dead_letter_file.empty()) dead_letters_.emplace(config.dead_letter_file);
    sender_ = base::StartOwnThread([this] { Run(); });
  }

  ~MemoryLokiSink() override {
    queue_.Flush(absl::Now() + kDrainTime);
    stop_.store(true);
    queue_.Close();
    loki_.cancel();
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
    const sink::CourierCounts& counts = courier_.counts();
    return {.lines_sent = counts.delivered,
            .batches_sent = counts.batches,
            .retries = counts.retries,
            .lines_dropped = dropped_,
            .lines_refused = counts.refused,
            .circuit_open = counts.circuit_open};
  }

 private:
  void Run() {
    while (true) {
      const std::vector<Chunk> chunks = queue_.Take();
      if (chunks.empty()) return;
      std::string text;
      for (const Chunk& chunk : chunks) text.append(chunk.text);
      std::vector<Entry> entries;
      const char* at = text.data();
      for (const Chunk& chunk : chunks) {
        for (const Chunk::Line& line : chunk.lines) {
          entries.push_back({line.level, line.time_ns, {}, {at, line.size}, Category::kApp});
          at += line.size + 1;
        }
      }
      const size_t dealt_with = stop_.load() ? 0 : courier_.Deliver({text, entries});
      dropped_ += entries.size() - dealt_with;
      queue_.Done();
    }
  }

  LineQueue queue_;
  std::atomic<bool> stop_{false};
  std::atomic<uint64_t> dropped_{0};

  // The sender's own.
  ship::LokiDelivery loki_;
  std::optional<sink::DeadLetters> dead_letters_;
  sink::Courier courier_;

  std::thread sender_;  // last: it uses all others
};

DurableConfig SpoolOf(const LokiConfig& config) {
  return {.spool_dir = config.spool_dir,
          .spool_bytes = config.spool_bytes,
          .dead_letter_file = config.dead_letter_file,
          .batch_bytes = config.batch_bytes,
          .batch_lines = config.batch_lines,
          .batch_age_ms = config.batch_age_ms,
          .backoff_initial_ms = config.backoff_initial_ms,
          .backoff_max_ms = config.backoff_max_ms,
          .breaker_failures = config.breaker_failures,
          .breaker_open_ms = config.breaker_open_ms};
}

class SpooledLokiSink final : public LokiSink {
 public:
  explicit SpooledLokiSink(const LokiConfig& config)
      : spool_(std::make_shared<ship::LokiDelivery>(config), SpoolOf(config), config.url) {}

  bool write(const Batch& batch) override { return spool_.write(batch); }
  bool flush(int64_t timeout_ms) override { return spool_.flush(timeout_ms); }
  LokiStats stats() const override {
    const DurableStats stats = spool_.stats();
    return {.lines_sent = stats.lines_delivered,
            .batches_sent = stats.batches,
            .retries = stats.retries,
            .lines_dropped = stats.lines_dropped,
            .lines_refused = stats.lines_refused,
            .spool_bytes = stats.spool_bytes,
            .circuit_open = stats.circuit_open};
  }

 private:
  sink::SpoolingSink spool_;
};

}  // namespace

std::shared_ptr<LokiSink> loki_sink(LokiConfig config) {
  while (config.url.ends_with('/')) config.url.pop_back();
  if (config.spool_dir.empty()) return std::make_shared<MemoryLokiSink>(config);
  return std::make_shared<SpooledLokiSink>(config);
}

}  // namespace taffrail
