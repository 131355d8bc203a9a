// Brings batches to a sink that may fail: tries again with growing waits, finds the lines that the sink
// refuses, and leaves a destination that is down alone for a while.
//
//   kDone      the next ones
//   kRetry     again, after a jittered exponential wait, at least what the destination asked for. After
//              breaker_failures in a row the circuit is open: nothing for breaker_open_ms, then one line as a
//              probe, and all that waits when it is taken
//   kRefused   of several lines: halves, and so on, until it is known which lines are at fault; each of these
//              goes to `refused` with the reason, and all others arrive
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/time/time.h"
#include "base/backoff.h"
#include "taffrail/sinks.h"

namespace taffrail::sink {

struct CourierOptions {
  std::string name;  // of the destination, for people
  int64_t backoff_initial_ms = 200;
  int64_t backoff_max_ms = 30'000;
  int breaker_failures = 5;
  int64_t breaker_open_ms = 5'000;
};

struct CourierCounts {
  std::atomic<uint64_t> delivered{0};  // lines
  std::atomic<uint64_t> batches{0};
  std::atomic<uint64_t> refused{0};  // lines
  std::atomic<uint64_t> retries{0};
  std::atomic<bool> circuit_open{false};
};

// For one thread; the counts for all.
class Courier {
 public:
  // Takes a line that was refused. False: it cannot be kept now; asked again later.
  using Refused = std::function<bool(const Entry&, std::string_view reason)>;
  // Sleeps; false: the program ends, give up.
  using Pause = std::function<bool(absl::Duration)>;

  Courier(Sink& destination, CourierOptions options, Refused refused, Pause pause);

  // REQUIRES: the batch has its entries. Returns how many lines, from the front, are dealt with: less than
  // all only after pause said false.
  size_t Deliver(const Batch& batch);
  const CourierCounts& counts() const { return counts_; }

 private:
  Delivery Try(const Batch& batch);
  bool WaitAfter(const Delivery& failure);  // false: give up
  void Succeeded(size_t lines);
  void Tell(const Delivery& failure);

  Sink& destination_;
  const CourierOptions options_;
  const Refused refused_;
  const Pause pause_;
  base::Backoff backoff_;
  CourierCounts counts_;
  bool told_ = false;  // the present trouble, on the standard error, until something is delivered
  int64_t refusal_told_ns_ = 0;
};

}  // namespace taffrail::sink
