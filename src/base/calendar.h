// Intervals of time as calendars and histograms have them: so long, or a day, a month, a year of some time
// zone.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/time/time.h"

namespace taffrail::base {

struct Interval {
  enum class Unit : uint8_t { kFixed, kMinute, kHour, kDay, kWeek, kMonth, kQuarter, kYear };
  Unit unit = Unit::kFixed;
  int64_t fixed_ns = 1;   // kFixed; > 0
  int64_t months = 1;     // kMonth: so many are one interval, counted from January 1970; > 0
  int64_t offset_ns = 0;  // of every start
  absl::TimeZone zone = absl::UTCTimeZone();
};

// The start of the interval that a time lies in (weeks begin on Monday), and that of the one after it. Fixed
// ones are counted from 1970-01-01T00:00 on the zone's clocks.
int64_t IntervalStart(int64_t time_ns, const Interval& interval);
int64_t NextInterval(int64_t start_ns, const Interval& interval);

// "minute", "hour", "day", "week", "month", "quarter", "year".
std::string_view UnitName(Interval::Unit unit);
std::optional<Interval::Unit> ParseUnit(std::string_view name);

// "Z", "UTC", "+02:00", "+0200", "Europe/Berlin".
std::optional<absl::TimeZone> ParseTimeZone(std::string_view text);

}  // namespace taffrail::base
