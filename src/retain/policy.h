// What is kept how long: pure functions over what the store says of its parts.
//
// Whole days go, the oldest first. So lines are kept for max_age_days and up to a day longer. Size and disk
// never take the newest day that has lines, since what came today is what somebody looks at now: a store may
// be larger than max_size_bytes by what that day holds.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/env.h"
#include "store/store.h"

namespace taffrail::retain {

struct Policy {
  int64_t max_age_days = 0;     // 0: any age
  uint64_t max_size_bytes = 0;  // of the store's parts, on disk; 0: any size
  uint64_t min_free_bytes =
      0;  // of the file system; below it the oldest days go. 0: lines are refused instead

  bool keeps_all() const { return max_age_days == 0 && max_size_bytes == 0 && min_free_bytes == 0; }
};

enum class Reason : uint8_t { kAge, kSize, kDisk };
std::string_view NameOf(Reason reason);  // "age", "size", "disk"

// All days before this one are to go (days since 1970-01-01, UTC).
struct Decision {
  int32_t before_day = 0;
  Reason reason = Reason::kAge;
};

// `by_age`: whether the clock is believed; without it only the other two limits hold. Null: nothing is to go.
std::optional<Decision> Decide(const Policy& policy, const std::vector<store::PartInfo>& parts,
                               const base::DiskSpace& disk, int64_t now_ns, bool by_age);

// What the store comes to, if lines go on coming as they did for the last days.
struct Forecast {
  std::optional<int64_t> oldest_ns;              // of the lines in parts; null: there are none
  uint64_t size_bytes = 0;                       // of the parts
  std::optional<uint64_t> growth_bytes_per_day;  // null: too young to tell
  std::optional<double> days_until_full;  // until lines are refused; null: not at this pace, or unknown
};

// `refused_below_bytes`: the free space below which the store takes no lines.
Forecast Project(const Policy& policy, const std::vector<store::PartInfo>& parts, const base::DiskSpace& disk,
                 uint64_t refused_below_bytes, int64_t now_ns);

int32_t DayOf(int64_t time_ns);   // UTC
int64_t StartOfDay(int32_t day);  // Unix time, nanoseconds

}  // namespace taffrail::retain
