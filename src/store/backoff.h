// How long background work waits after a failure before it tries again.
#pragma once

#include <algorithm>
#include <utility>

#include "absl/time/time.h"

namespace taffrail::store {

class Backoff {
 public:
  absl::Duration Next() { return std::exchange(next_, std::min(next_ * 2, absl::Seconds(30))); }
  void Reset() { next_ = kFirst; }

 private:
  static constexpr absl::Duration kFirst = absl::Milliseconds(250);  // a passing hiccup costs little
  absl::Duration next_ = kFirst;
};

}  // namespace taffrail::store
