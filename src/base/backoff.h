// How long to wait before trying again: exponential, with full jitter, so that many clients of a server that
// comes back do not return all at once.
#pragma once

#include <cstdint>
#include <optional>

#include "base/env.h"

namespace taffrail::base {

struct BackoffOptions {
  int64_t initial_ms = 200;
  int64_t max_ms = 30'000;
  double multiplier = 2.0;
  int64_t retry_after_max_ms = 300'000;  // a server's wish beyond five minutes is a mistake, or an attack
};

class Backoff {
 public:
  Backoff(Env& env, BackoffOptions options)
      : env_(env), options_(options), ceiling_ms_(static_cast<double>(options.initial_ms)) {}

  // The next wait: uniform in [0, ceiling], and the ceiling grows. Never shorter than what the server asked
  // for with Retry-After, to which the jitter is added.
  int64_t NextDelayMs(std::optional<int64_t> retry_after_ms = std::nullopt);
  void Reset();                               // after a success
  int attempts() const { return attempts_; }  // delays handed out since the last Reset

 private:
  Env& env_;
  BackoffOptions options_;
  double ceiling_ms_;
  int attempts_ = 0;
};

}  // namespace taffrail::base
