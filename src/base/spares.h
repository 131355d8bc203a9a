// States that threads work on one at a time: each takes one that nobody uses, or a new one, and gives it
// back; whoever finishes gets all of them.
//
//   std::unique_ptr<Counts> counts = spares.Take();   …   spares.Give(std::move(counts));
//
// There are as many as threads were in between at once, and no lock is held while one works.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"

namespace taffrail::base {

template <typename T>
class Spares {
 public:
  using Make = std::function<std::unique_ptr<T>()>;
  explicit Spares(Make make) : make_(std::move(make)) {}

  std::unique_ptr<T> Take() {
    {
      absl::MutexLock lock(&mutex_);
      if (!idle_.empty()) {
        std::unique_ptr<T> taken = std::move(idle_.back());
        idle_.pop_back();
        return taken;
      }
    }
    return make_();
  }
  void Give(std::unique_ptr<T> back) {
    absl::MutexLock lock(&mutex_);
    idle_.push_back(std::move(back));
  }
  // Those that were given back.
  std::vector<std::unique_ptr<T>> TakeAll() {
    absl::MutexLock lock(&mutex_);
    return std::exchange(idle_, {});
  }

 private:
  const Make make_;
  absl::Mutex mutex_;
  std::vector<std::unique_ptr<T>> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace taffrail::base
