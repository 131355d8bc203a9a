// How suspicious an audit record is: a sum of factors, each of them shown in the record (docs/audit.md).
//
//   "geo":{"country":"DE",…},"risk_score":65,"risk_factors":{"failure":20,"repeated_failures":20,
//   "new_country":25},"suspicious":true
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "ingest/audit_door.h"
#include "ingest/geoip.h"

namespace taffrail::ingest {

struct RiskPolicy {
  int64_t window_ns = int64_t{300} * 1'000'000'000;  // in which failures count together
  int suspicious_from = 60;
  double speed_max_km_per_h = 900;  // faster than an airliner: not one person
  // Users and addresses that are remembered, some hundred bytes each; beyond them the half seen the
  // longest ago is forgotten.
  size_t keys_max = 20'000;
};

// Thread-safe. What it knows of users and addresses is from this start on.
class RiskEnricher final : public AuditEnricher {
 public:
  // `geo` may be null: then nothing is said of places.
  RiskEnricher(RiskPolicy policy, std::unique_ptr<GeoIp> geo) : policy_(policy), geo_(std::move(geo)) {}
  std::string MembersFor(std::span<const JsonField> fields, int64_t time_ns) override;

 private:
  struct History {
    std::deque<int64_t> failures_ns;  // within the window
    std::set<std::string> countries;
    std::set<std::string> addresses;
    GeoPlace place;  // of the last record with one
    int64_t place_ns = 0;
    int64_t seen_ns = 0;
  };
  using Factors = std::map<std::string, int>;

  void ForgetHalf() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  History& Of(const std::string& key, int64_t time_ns) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  size_t CountFailure(History& history, int64_t time_ns);
  void JudgePlace(History& user, const std::string& address, const GeoPlace& place, int64_t time_ns,
                  Factors& factors);

  const RiskPolicy policy_;
  const std::unique_ptr<GeoIp> geo_;
  absl::Mutex mutex_;
  std::map<std::string, History> histories_ ABSL_GUARDED_BY(mutex_);
};

// Great-circle distance.
double DistanceKm(const GeoPlace& a, const GeoPlace& b);

}  // namespace taffrail::ingest
