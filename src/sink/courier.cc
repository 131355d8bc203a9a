#include "sink/courier.h"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <utility>
#include <vector>

#include "sink/owned_lines.h"

namespace taffrail::sink {

using Outcome = Delivery::Outcome;

Courier::Courier(Sink& destination, CourierOptions options, Refused refused, Pause pause)
    : destination_(destination),
      options_(std::move(options)),
      refused_(std::move(refused)),
      pause_(std::move(pause)),
      backoff_(base::Env::Posix(),
               {.initial_ms = options_.backoff_initial_ms, .max_ms = options_.backoff_max_ms}) {}

size_t Courier::Deliver(const Batch& batch) {
  size_t begin = 0;
  // Where the next piece ends; below it, where the pieces around it end, which are known to hold a line that
  // is refused, or are to wait for a probe.
  std::vector<size_t> ends{batch.entries.size()};
  while (begin < batch.entries.size()) {
    const bool probe = counts_.circuit_open.load(std::memory_order_relaxed);
    if (probe && ends.back() > begin + 1) ends.push_back(begin + 1);
    const size_t size = ends.back() - begin;
    Delivery delivery = Try(Slice(batch, begin, ends.back()));
    if (delivery.outcome == Outcome::kRefused) {
      backoff_.Reset();  // it answers
      counts_.circuit_open = false;
      Tell(delivery);
      if (size > 1) {
        ends.push_back(begin + size / 2);
        continue;
      }
      if (refused_(batch.entries[begin], delivery.reason)) {
        ++counts_.refused;
      } else {
        delivery.outcome = Outcome::kRetry;
      }
    }
    if (delivery.outcome == Outcome::kRetry) {
      if (!WaitAfter(delivery)) return begin;
      continue;
    }
    if (delivery.outcome == Outcome::kDone) Succeeded(size);
    begin = ends.back();
    ends.pop_back();
  }
  return begin;
}

Delivery Courier::Try(const Batch& batch) {
  try {
    return destination_.deliver(batch);
  } catch (const std::exception& e) {
    return {.outcome = Outcome::kRetry, .reason = e.what()};
  } catch (...) {
    return {.outcome = Outcome::kRetry, .reason = "threw"};
  }
}

bool Courier::WaitAfter(const Delivery& failure) {
  Tell(failure);
  int64_t wait_ms = backoff_.NextDelayMs(failure.retry_after_ms);
  if (backoff_.attempts() >= options_.breaker_failures) {
    counts_.circuit_open = true;
    wait_ms = std::max(wait_ms, options_.breaker_open_ms);
  }
  if (!pause_(absl::Milliseconds(wait_ms))) return false;
  ++counts_.retries;
  return true;
}

void Courier::Succeeded(size_t lines) {
  backoff_.Reset();
  counts_.circuit_open = false;
  counts_.delivered += lines;
  ++counts_.batches;
  told_ = false;
}

// A log that cannot be delivered must not fill the console.
void Courier::Tell(const Delivery& failure) {
  const bool refused = failure.outcome == Outcome::kRefused;
  if (refused) {
    constexpr int64_t kAgainNs = 60'000'000'000;
    const int64_t now_ns = base::Env::Posix().MonotonicNs();
    if (refusal_told_ns_ != 0 && now_ns - refusal_told_ns_ < kAgainNs) return;
    refusal_told_ns_ = now_ns;
  } else if (std::exchange(told_, true)) {
    return;
  }
  std::fprintf(stderr, "taffrail: delivering logs to %s: %s; %s\n", options_.name.c_str(),
               failure.reason.empty() ? "failed" : failure.reason.c_str(),
               refused ? "lines are refused" : "trying again");
}

}  // namespace taffrail::sink
