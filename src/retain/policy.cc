#include "retain/policy.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace taffrail::retain {
namespace {

constexpr int64_t kHourNs = int64_t{3600} * 1'000'000'000;
constexpr int64_t kDayNs = 24 * kHourNs;
constexpr int64_t kGrowthDays = 7;  // the pace of a week: weekends are quieter
// A pace of less than this says more about an import than about a day.
constexpr int64_t kGrowthSpanLeastNs = 6 * kHourNs;

// Their bytes by day, up to today: lines from clocks that are ahead are not what limits are about.
std::map<int32_t, uint64_t> BytesByDay(const std::vector<store::PartInfo>& parts, int32_t today) {
  std::map<int32_t, uint64_t> days;
  for (const store::PartInfo& part : parts) {
    if (part.day <= today) days[part.day] += part.file_bytes;
  }
  return days;
}

uint64_t SizeOf(const std::vector<store::PartInfo>& parts) {
  uint64_t bytes = 0;
  for (const store::PartInfo& part : parts) bytes += part.file_bytes;
  return bytes;
}

// The day before which so many bytes lie, or as near to it as leaves the newest day.
std::optional<int32_t> DayThatFrees(const std::map<int32_t, uint64_t>& days, uint64_t bytes) {
  if (bytes == 0 || days.size() < 2) return std::nullopt;
  uint64_t freed = 0;
  for (auto day = days.begin(); std::next(day) != days.end(); ++day) {
    freed += day->second;
    if (freed >= bytes) return std::next(day)->first;
  }
  return days.rbegin()->first;
}

}  // namespace

std::string_view NameOf(Reason reason) {
  switch (reason) {
    case Reason::kAge:
      return "age";
    case Reason::kSize:
      return "size";
    case Reason::kDisk:
      return "disk";
  }
  return "";
}

int32_t DayOf(int64_t time_ns) {
  const int64_t day = time_ns / kDayNs;
  return static_cast<int32_t>(time_ns % kDayNs < 0 ? day - 1 : day);
}

int64_t StartOfDay(int32_t day) { return int64_t{day} * kDayNs; }

std::optional<Decision> Decide(const Policy& policy, const std::vector<store::PartInfo>& parts,
                               const base::DiskSpace& disk, int64_t now_ns, bool by_age) {
  const int32_t today = DayOf(now_ns);
  const std::map<int32_t, uint64_t> days = BytesByDay(parts, today);
  if (days.empty()) return std::nullopt;
  std::optional<Decision> decision;
  const auto consider = [&](std::optional<int32_t> before_day, Reason reason) {
    if (!before_day || *before_day <= days.begin()->first) return;  // nothing lies before it
    if (!decision || *before_day > decision->before_day) decision = Decision{*before_day, reason};
  };
  if (by_age && policy.max_age_days > 0) {
    consider(static_cast<int32_t>(std::max<int64_t>(today - policy.max_age_days, INT32_MIN)), Reason::kAge);
  }
  if (const uint64_t size = SizeOf(parts); policy.max_size_bytes > 0 && size > policy.max_size_bytes) {
    consider(DayThatFrees(days, size - policy.max_size_bytes), Reason::kSize);
  }
  if (disk.available_bytes < policy.min_free_bytes) {
    consider(DayThatFrees(days, policy.min_free_bytes - disk.available_bytes), Reason::kDisk);
  }
  return decision;
}

Forecast Project(const Policy& policy, const std::vector<store::PartInfo>& parts, const base::DiskSpace& disk,
                 uint64_t refused_below_bytes, int64_t now_ns) {
  Forecast forecast;
  forecast.size_bytes = SizeOf(parts);
  const int32_t today = DayOf(now_ns);
  const int32_t first_day = today - kGrowthDays;
  uint64_t recent_bytes = 0;
  int64_t recent_from_ns = now_ns;
  for (const store::PartInfo& part : parts) {
    if (!forecast.oldest_ns || part.min_timestamp_ns < *forecast.oldest_ns)
      forecast.oldest_ns = part.min_timestamp_ns;
    if (part.day < first_day || part.day > today) continue;
    recent_bytes += part.file_bytes;
    recent_from_ns = std::min(recent_from_ns, part.min_timestamp_ns);
  }
  const int64_t span_ns = now_ns - recent_from_ns;
  if (span_ns < kGrowthSpanLeastNs) return forecast;
  const double days = static_cast<double>(span_ns) / kDayNs;
  const double growth = static_cast<double>(recent_bytes) / days;
  forecast.growth_bytes_per_day = static_cast<uint64_t>(growth);
  if (growth < 1 || policy.min_free_bytes > refused_below_bytes) return forecast;  // the oldest days go first
  // What the store grows to before age or size hold it there.
  double most = INFINITY;
  if (policy.max_age_days > 0) most = growth * static_cast<double>(policy.max_age_days + 1);
  if (policy.max_size_bytes > 0) most = std::min(most, static_cast<double>(policy.max_size_bytes));
  const double room = disk.available_bytes > refused_below_bytes
                          ? static_cast<double>(disk.available_bytes - refused_below_bytes)
                          : 0;
  if (most <= static_cast<double>(forecast.size_bytes) + room) return forecast;
  forecast.days_until_full = room / growth;
  return forecast;
}

}  // namespace taffrail::retain
