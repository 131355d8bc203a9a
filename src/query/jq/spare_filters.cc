#include "query/jq/spare_filters.h"

#include <algorithm>
#include <utility>

namespace taffrail::query::jq {

SpareFilters& SpareFilters::Shared() {
  // Never destroyed: at the end of the process the workers see their sockets closed, and end.
  static auto* const shared = new SpareFilters();
  return *shared;
}

absl::StatusOr<std::unique_ptr<Filter>> SpareFilters::Take(std::string_view program,
                                                           const Filter::Check& check) {
  std::list<Spare> dropped;  // destroyed without the lock: that waits for a process
  std::unique_ptr<Filter> found;
  {
    absl::MutexLock lock(&mutex_);
    DropOld(dropped);
    const auto spare = std::find_if(spares_.begin(), spares_.end(),
                                    [&](const Spare& each) { return each.program == program; });
    if (spare != spares_.end()) {
      found = std::move(spare->filter);
      spares_.erase(spare);
    }
  }
  if (found != nullptr && found->Lives()) return found;
  return Filter::Start(program, Limits(), check);
}

void SpareFilters::Give(std::string_view program, std::unique_ptr<Filter> filter) {
  if (!filter->Rest()) return;
  std::list<Spare> dropped;
  absl::MutexLock lock(&mutex_);
  spares_.push_back({std::string(program), std::move(filter), Clock::now()});
  DropOld(dropped);
}

void SpareFilters::DropOld(std::list<Spare>& dropped) {
  const Clock::time_point oldest = Clock::now() - kIdleMax;
  while (!spares_.empty() && (spares_.size() > kSparesMax || spares_.front().since < oldest)) {
    dropped.splice(dropped.end(), spares_, spares_.begin());
  }
}

}  // namespace taffrail::query::jq
