// Failed logins by address within the last minutes: many from one are no forgetful person.
#pragma once

#include <chrono>
#include <deque>
#include <mutex>
#include <string>
#include <unordered_map>

namespace task_service {

class FailedLogins {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kWindow{300};
  static constexpr int kSuspiciousFrom = 5;

  // How many there are from this address within the window, this one included.
  int Record(const std::string& address, Clock::time_point now);

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::deque<Clock::time_point>> by_address_;  // guarded by mutex_
};

}  // namespace task_service
