// Where a worker waits for the next piece of a request body.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "base/status.h"
#include "net/problem.h"

namespace taffrail::net {

// How a wait ends when no more can come.
inline absl::Status ClientGone() {
  return WithHttpStatus(absl::UnavailableError("the client closed the connection before the end of the body"),
                        400);
}

// One Wait and one Give at a time, in either order.
class PullGate {
 public:
  void Give(std::string body, absl::StatusOr<bool> result) {
    absl::MutexLock lock(&mutex_);
    body_ = std::move(body);
    result_ = std::move(result);
  }

  absl::StatusOr<bool> Wait(std::string& body) {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(this, &PullGate::Given));
    body = std::move(body_);
    return *std::exchange(result_, std::nullopt);
  }

 private:
  bool Given() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return result_.has_value(); }

  absl::Mutex mutex_;
  std::string body_ ABSL_GUARDED_BY(mutex_);
  std::optional<absl::StatusOr<bool>> result_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace taffrail::net
