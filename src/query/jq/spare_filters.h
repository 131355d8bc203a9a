// Filters whose query is over, kept for the next one with the same program: compiling takes libjq some 25 ms,
// nearly all of it its own builtins, and dashboards and live tails ask the same again and again. A jq program
// keeps nothing from one line to the next, and so a spare one is as good as a new one.
//
// A worker that nobody took for a minute ends by itself; its process table entry goes with the next Take or
// Give.
#pragma once

#include <chrono>
#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/status.h"
#include "query/jq/filter.h"

namespace taffrail::query::jq {

// Thread safety: every method may be called from any thread.
class SpareFilters {
 public:
  // Of this process; all have the limits of Limits().
  static SpareFilters& Shared();

  // A spare filter of this program, or a new one: Filter::Start.
  absl::StatusOr<std::unique_ptr<Filter>> Take(std::string_view program, const Filter::Check& check);
  // REQUIRES: each Run of the filter gave true.
  void Give(std::string_view program, std::unique_ptr<Filter> filter);

 private:
  using Clock = std::chrono::steady_clock;
  struct Spare {
    std::string program;
    std::unique_ptr<Filter> filter;
    Clock::time_point since;
  };

  // Each is a process of some ten MiB.
  static constexpr size_t kSparesMax = 4;
  // Less than the worker waits by itself (Filter::kSpareSeconds), so that none is taken that is about to end.
  static constexpr std::chrono::seconds kIdleMax{30};

  void DropOld(std::list<Spare>& dropped) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  absl::Mutex mutex_;
  std::list<Spare> spares_ ABSL_GUARDED_BY(mutex_);  // the oldest first
};

}  // namespace taffrail::query::jq
