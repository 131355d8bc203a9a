// What came back, counted from all visitors.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace traffic {

struct Counts {
  int64_t requests = 0;
  int64_t unanswered = 0;  // no connection, or no answer on it
  int64_t unexpected = 0;  // answered, but with another status than this request should get
  std::map<int, int64_t> by_status;
};

class Tally {
 public:
  void Answered(int status, bool expected, double duration_ms);
  void Unanswered();
  // Remembers the id of a request that went through the service, its worker and the provider.
  void Sample(const std::string& request_id);

  [[nodiscard]] Counts counts() const;
  [[nodiscard]] std::string sample_request_id() const;
  // Of the durations kept; 0 when there are none.
  [[nodiscard]] double PercentileMs(double fraction) const;

 private:
  mutable std::mutex mutex_;
  Counts counts_;
  std::string sample_request_id_;
  std::vector<float> durations_ms_;  // the newest kDurationsMax, as a ring
};

}  // namespace traffic
