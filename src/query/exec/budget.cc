#include "query/exec/budget.h"

#include "base/duration.h"
#include "fmt/format.h"

namespace taffrail::query::exec {

Budget::Budget(const ExecOptions& options)
    : options_(options),
      env_(options.env != nullptr ? *options.env : base::Env::Posix()),
      begin_ns_(env_.MonotonicNs()) {}

absl::Status Budget::Charge(uint64_t size_bytes, const char* what) {
  const uint64_t used = used_bytes_.fetch_add(size_bytes, std::memory_order_relaxed) + size_bytes;
  uint64_t peak = peak_bytes_.load(std::memory_order_relaxed);
  while (used > peak && !peak_bytes_.compare_exchange_weak(peak, used, std::memory_order_relaxed)) {
  }
  if (used <= options_.max_memory_bytes) return absl::OkStatus();
  return absl::ResourceExhaustedError(fmt::format(
      "the query's {} need more than its memory budget of {} MiB (max_memory_bytes): narrow the time range "
      "or the filter, group by less, set a limit, or raise the budget",
      what, options_.max_memory_bytes >> 20));
}

absl::Status Budget::Check() {
  if (options_.cancelled) {
    absl::MutexLock lock(&cancelled_mutex_);
    if (options_.cancelled()) return absl::CancelledError("the query was cancelled");
  }
  if (options_.max_time_ns > 0 && ElapsedNs() > options_.max_time_ns) {
    return absl::DeadlineExceededError(fmt::format(
        "the query took longer than its time budget of {} (max_time_ns): narrow the time range or the "
        "filter, or raise the budget",
        base::FormatDuration(options_.max_time_ns)));
  }
  return absl::OkStatus();
}

}  // namespace taffrail::query::exec
