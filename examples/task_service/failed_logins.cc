#include "task_service/failed_logins.h"

#include <algorithm>

namespace task_service {
namespace {

constexpr size_t kAddressesMax = 10'000;  // an attack from more is seen elsewhere than here
constexpr size_t kTimesMax = 1'000;       // for each address; beyond it the count stays there

}  // namespace

int FailedLogins::Record(const std::string& address, Clock::time_point now) {
  const std::scoped_lock lock(mutex_);
  if (by_address_.size() >= kAddressesMax && !by_address_.contains(address)) {
    std::erase_if(by_address_, [now](const auto& entry) { return entry.second.back() + kWindow < now; });
    if (by_address_.size() >= kAddressesMax) {
      return 1;
    }
  }
  auto& times = by_address_[address];
  times.push_back(now);
  while (times.front() + kWindow < now || times.size() > kTimesMax) {
    times.pop_front();
  }
  return static_cast<int>(times.size());
}

}  // namespace task_service
