// FailureTracker of taffrail/events/security.h. A key is its hash, seeded so that nobody can aim at another's
// place; of each the last times are kept in a ring, as many as make it suspicious.
#include <algorithm>
#include <list>
#include <random>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "base/hash.h"
#include "taffrail/events/security.h"

namespace taffrail::events {

using Clock = std::chrono::steady_clock;

struct FailureTracker::State {
  struct Failures {
    uint64_t key;
    std::vector<Clock::time_point> times;  // a ring once it has policy.failures
    size_t next = 0;
    uint64_t running = 0;  // failures since it became suspicious, with those that made it so
    uint64_t tell_at = 0;
  };
  using Order = std::list<Failures>;  // the one that failed last comes first

  explicit State(const SuspicionPolicy& given) : policy(given), seed(std::random_device()()) {
    if (policy.failures != 0) policy.failures = std::clamp(policy.failures, 2, SuspicionPolicy::kFailuresMax);
    policy.keys_max = std::max<size_t>(policy.keys_max, 1);
  }

  Failures& Find(uint64_t key) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
  bool Add(Failures& failures, Clock::time_point now) const;

  SuspicionPolicy policy;
  const uint64_t seed;
  absl::Mutex mutex;
  Order order ABSL_GUARDED_BY(mutex);
  absl::flat_hash_map<uint64_t, Order::iterator> by_key ABSL_GUARDED_BY(mutex);
};

FailureTracker::State::Failures& FailureTracker::State::Find(uint64_t key) {
  const auto found = by_key.find(key);
  if (found != by_key.end()) {
    order.splice(order.begin(), order, found->second);
    return order.front();
  }
  if (order.size() >= policy.keys_max) {
    by_key.erase(order.back().key);
    order.pop_back();
  }
  order.push_front({.key = key});
  by_key.emplace(key, order.begin());
  return order.front();
}

// Whether the window is full with this one.
bool FailureTracker::State::Add(Failures& failures, Clock::time_point now) const {
  const auto size = static_cast<size_t>(policy.failures);
  if (failures.times.size() < size) {
    failures.times.push_back(now);
  } else {
    failures.times[failures.next] = now;
    failures.next = (failures.next + 1) % size;
  }
  return failures.times.size() == size && now - failures.times[failures.next] <= policy.window;
}

FailureTracker::FailureTracker(const SuspicionPolicy& policy) : state_(std::make_unique<State>(policy)) {}
FailureTracker::~FailureTracker() = default;

uint64_t FailureTracker::record(std::string_view key, Clock::time_point now) noexcept {
  if (state_->policy.failures == 0) return 0;
  try {
    const absl::MutexLock lock(&state_->mutex);
    State::Failures& failures = state_->Find(base::Hash64(key, state_->seed));
    if (!state_->Add(failures, now)) {
      failures.running = 0;
      return 0;
    }
    if (failures.running == 0) {
      failures.running = failures.tell_at = static_cast<uint64_t>(state_->policy.failures);
    } else {
      ++failures.running;
    }
    if (failures.running != failures.tell_at) return 0;
    failures.tell_at *= 2;
    return failures.running;
  } catch (...) {  // no memory: this one is not counted
    return 0;
  }
}

size_t FailureTracker::keys() const noexcept {
  const absl::MutexLock lock(&state_->mutex);
  return state_->order.size();
}

}  // namespace taffrail::events
