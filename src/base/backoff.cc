#include "base/backoff.h"

#include <algorithm>

namespace taffrail::base {

int64_t Backoff::NextDelayMs(std::optional<int64_t> retry_after_ms) {
  uint64_t random = 0;
  env_.Random({reinterpret_cast<char*>(&random), sizeof(random)});
  const auto ceiling_ms =
      static_cast<uint64_t>(std::min<double>(ceiling_ms_, static_cast<double>(options_.max_ms)));
  const auto jitter_ms =
      static_cast<int64_t>(random % (ceiling_ms + 1));  // the bias of % is below 2^-48 here
  ceiling_ms_ = std::min<double>(ceiling_ms_ * options_.multiplier, static_cast<double>(options_.max_ms));
  ++attempts_;
  const int64_t asked_ms = std::clamp<int64_t>(retry_after_ms.value_or(0), 0, options_.retry_after_max_ms);
  return asked_ms + jitter_ms;
}

void Backoff::Reset() {
  ceiling_ms_ = static_cast<double>(options_.initial_ms);
  attempts_ = 0;
}

}  // namespace taffrail::base
