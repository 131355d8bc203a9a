#include "ingest/risk.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numbers>
#include <vector>

namespace taffrail::ingest {
namespace {

// The points of each factor: docs/audit.md has the same table.
constexpr int kFailure = 20;          // the record says that it failed or was denied
constexpr int kRepeatedFailure = 10;  // for each failure of this user or address before it, in the window
constexpr int kRepeatedFailuresMax = 40;
constexpr int kNewAddress = 10;        // for a user who had others
constexpr int kNewCountry = 25;        // the same
constexpr int kImpossibleTravel = 40;  // too far from the last place for the time between
constexpr int kPermissionChange = 10;  // rights are what an intruder wants
constexpr int kScriptedClient = 10;    // no browser and no application of a person
constexpr int kScoreMax = 100;

constexpr size_t kRememberedMax = 64;  // addresses or countries of one user; beyond them none is new any more

bool IsOneOf(std::string_view text, std::initializer_list<std::string_view> values) {
  return std::find(values.begin(), values.end(), text) != values.end();
}

bool Failed(std::span<const JsonField> fields) {
  static const std::vector<std::string> outcomes = {"outcome", "event.outcome", "status", "result",
                                                    "decision"};
  const std::string_view outcome = FirstOf(fields, outcomes);
  if (IsOneOf(outcome, {"failure", "failed", "error", "denied", "rejected", "deny"})) return true;
  if (IsOneOf(FirstOf(fields, {"success", "accepted", "allowed"}), {"false"})) return true;
  return IsOneOf(FirstOf(fields, {"event"}), {"authentication_failed", "permission_denied", "failed"});
}

bool IsScripted(std::string_view agent) {
  constexpr std::string_view kSigns[] = {"curl/",           "Wget/",   "python-requests/",
                                         "Go-http-client/", "sqlmap/", "Nikto"};
  return std::any_of(std::begin(kSigns), std::end(kSigns),
                     [&](std::string_view sign) { return agent.find(sign) != std::string_view::npos; });
}

}  // namespace

double DistanceKm(const GeoPlace& a, const GeoPlace& b) {
  if (!a.latitude || !a.longitude || !b.latitude || !b.longitude) return 0;
  constexpr double kEarthRadiusKm = 6371;
  const auto radians = [](double degrees) { return degrees * std::numbers::pi / 180; };
  const double latitude = radians(*b.latitude - *a.latitude);
  const double longitude = radians(*b.longitude - *a.longitude);
  const double h = std::pow(std::sin(latitude / 2), 2) + std::cos(radians(*a.latitude)) *
                                                             std::cos(radians(*b.latitude)) *
                                                             std::pow(std::sin(longitude / 2), 2);
  return 2 * kEarthRadiusKm * std::asin(std::min(1.0, std::sqrt(h)));
}

// Half at once, so that each newcomer costs little however many there are.
void RiskEnricher::ForgetHalf() {
  std::vector<int64_t> seen_ns;
  for (const auto& [key, history] : histories_) seen_ns.push_back(history.seen_ns);
  const auto middle = seen_ns.begin() + static_cast<ptrdiff_t>(seen_ns.size() / 2);
  std::nth_element(seen_ns.begin(), middle, seen_ns.end());
  std::erase_if(histories_, [&](const auto& each) { return each.second.seen_ns <= *middle; });
}

RiskEnricher::History& RiskEnricher::Of(const std::string& key, int64_t time_ns) {
  if (!histories_.contains(key) && histories_.size() >= policy_.keys_max) ForgetHalf();
  History& history = histories_[key];
  history.seen_ns = std::max(history.seen_ns, time_ns);
  return history;
}

// How many there were in the window before this one.
size_t RiskEnricher::CountFailure(History& history, int64_t time_ns) {
  std::deque<int64_t>& failures = history.failures_ns;
  while (!failures.empty() && failures.front() < time_ns - policy_.window_ns) failures.pop_front();
  const size_t before = failures.size();
  failures.push_back(time_ns);
  if (failures.size() > kRememberedMax) failures.pop_front();
  return before;
}

void RiskEnricher::JudgePlace(History& user, const std::string& address, const GeoPlace& place,
                              int64_t time_ns, Factors& factors) {
  const auto is_new = [](std::set<std::string>& known, const std::string& value) {
    if (known.contains(value) || known.size() >= kRememberedMax) return false;
    const bool first = known.empty();
    known.insert(value);
    return !first;
  };
  if (!address.empty() && is_new(user.addresses, address)) factors["new_address"] = kNewAddress;
  if (!place.country.empty() && is_new(user.countries, place.country)) factors["new_country"] = kNewCountry;
  if (!place.latitude) return;
  if (user.place_ns != 0) {
    const double hours = std::abs(static_cast<double>(time_ns - user.place_ns)) / 3.6e12;
    const double distance_km = DistanceKm(user.place, place);
    // Databases are off by a city or two: below 100 km nothing is impossible.
    if (distance_km > 100 && distance_km > hours * policy_.speed_max_km_per_h) {
      factors["impossible_travel"] = kImpossibleTravel;
    }
  }
  user.place = place;
  user.place_ns = time_ns;
}

std::string RiskEnricher::MembersFor(std::span<const JsonField> fields, int64_t time_ns) {
  static const std::vector<RequiredField> questions = AuditPolicy::DefaultRequired();
  const std::string user(FirstOf(fields, questions[0].paths));
  const std::string address(FirstOf(fields, {"ip_address", "ip", "client_ip", "source_ip", "remote_addr",
                                             "remote_address", "src_ip", "source.ip", "client.address"}));
  const GeoPlace place = geo_ == nullptr || address.empty() ? GeoPlace{} : geo_->Find(address);
  Factors factors;
  {
    const absl::MutexLock lock(&mutex_);
    if (Failed(fields)) {
      factors["failure"] = kFailure;
      size_t before = 0;
      if (!user.empty()) before = CountFailure(Of("u" + user, time_ns), time_ns);
      if (!address.empty()) before = std::max(before, CountFailure(Of("a" + address, time_ns), time_ns));
      if (before > 0) {
        factors["repeated_failures"] = std::min(
            kRepeatedFailuresMax, kRepeatedFailure * static_cast<int>(std::min<size_t>(before, 100)));
      }
    }
    if (!user.empty()) JudgePlace(Of("u" + user, time_ns), address, place, time_ns, factors);
  }
  if (IsOneOf(FirstOf(fields, {"event"}), {"permission_changed", "scope_changed"})) {
    factors["permission_change"] = kPermissionChange;
  }
  if (IsScripted(FirstOf(fields, {"user_agent", "user_agent.original"}))) {
    factors["scripted_client"] = kScriptedClient;
  }
  int score = 0;
  std::string listed;
  for (const auto& [name, points] : factors) {
    score += points;
    listed += fmt::format("{}\"{}\":{}", listed.empty() ? "" : ",", name, points);
  }
  score = std::min(score, kScoreMax);
  std::string members;
  if (!place.empty()) members = "\"geo\":" + place.ToJson() + ",";
  members += fmt::format("\"risk_score\":{},\"risk_factors\":{{{}}}", score, listed);
  if (score >= policy_.suspicious_from) members += ",\"suspicious\":true";
  return members;
}

}  // namespace taffrail::ingest
