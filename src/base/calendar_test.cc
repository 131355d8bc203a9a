#include "base/calendar.h"

#include <gtest/gtest.h>

#include <string>

#include "base/time_text.h"

namespace taffrail::base {
namespace {

using Unit = Interval::Unit;

int64_t At(const std::string& text) { return *ParseRfc3339(text); }

std::string StartOf(const std::string& text, const Interval& interval) {
  return FormatRfc3339(IntervalStart(At(text), interval), 0);
}

Interval Of(Unit unit, const char* zone) { return {.unit = unit, .zone = *ParseTimeZone(zone)}; }

TEST(CalendarTest, StartsOfUnits) {
  constexpr auto kTime = "2024-02-29T23:45:10Z";
  EXPECT_EQ(StartOf(kTime, Of(Unit::kMinute, "UTC")), "2024-02-29T23:45:00Z");
  EXPECT_EQ(StartOf(kTime, Of(Unit::kHour, "UTC")), "2024-02-29T23:00:00Z");
  EXPECT_EQ(StartOf(kTime, Of(Unit::kDay, "UTC")), "2024-02-29T00:00:00Z");
  EXPECT_EQ(StartOf(kTime, Of(Unit::kWeek, "UTC")), "2024-02-26T00:00:00Z");
  EXPECT_EQ(StartOf(kTime, Of(Unit::kMonth, "UTC")), "2024-02-01T00:00:00Z");
  EXPECT_EQ(StartOf(kTime, Of(Unit::kQuarter, "UTC")), "2024-01-01T00:00:00Z");
  EXPECT_EQ(StartOf(kTime, Of(Unit::kYear, "UTC")), "2024-01-01T00:00:00Z");
  EXPECT_EQ(StartOf("2024-02-26T00:00:00Z", Of(Unit::kWeek, "UTC")), "2024-02-26T00:00:00Z");
  EXPECT_EQ(StartOf(kTime, Of(Unit::kDay, "+02:00")), "2024-02-29T22:00:00Z");
  EXPECT_EQ(StartOf(kTime, Of(Unit::kMonth, "+0030")), "2024-02-29T23:30:00Z");
}

TEST(CalendarTest, SeveralMonthsAreCountedFrom1970) {
  const Interval five = {.unit = Unit::kMonth, .months = 5};
  EXPECT_EQ(StartOf("1970-05-31T23:59:59Z", five), "1970-01-01T00:00:00Z");
  EXPECT_EQ(StartOf("1970-06-01T00:00:00Z", five), "1970-06-01T00:00:00Z");
  EXPECT_EQ(StartOf("1969-12-31T23:59:59Z", five), "1969-08-01T00:00:00Z");
  EXPECT_EQ(FormatRfc3339(NextInterval(At("1969-08-01T00:00:00Z"), five), 0), "1970-01-01T00:00:00Z");
  const Interval month = {.unit = Unit::kMonth};
  EXPECT_EQ(StartOf("2200-02-28T12:00:00Z", month), "2200-02-01T00:00:00Z");
}

// On the last Sunday of October the clocks of Berlin go back at 01:00 UTC: that day has 25 hours.
TEST(CalendarTest, DaysAreAsLongAsTheClocksSay) {
  const Interval day = Of(Unit::kDay, "Europe/Berlin");
  const int64_t sunday = IntervalStart(At("2025-10-26T12:00:00Z"), day);
  EXPECT_EQ(FormatRfc3339(sunday, 0), "2025-10-25T22:00:00Z");
  EXPECT_EQ(FormatRfc3339(NextInterval(sunday, day), 0), "2025-10-26T23:00:00Z");
  const Interval fixed = {.fixed_ns = int64_t{86'400} * 1'000'000'000,
                          .zone = *ParseTimeZone("Europe/Berlin")};
  EXPECT_EQ(StartOf("2025-10-26T12:00:00Z", fixed), "2025-10-25T23:00:00Z");
  EXPECT_EQ(StartOf("2025-07-01T12:00:00Z", fixed), "2025-06-30T22:00:00Z");
}

TEST(CalendarTest, EveryTimeLiesInItsInterval) {
  for (const char* const zone : {"UTC", "-03:00", "Europe/Berlin", "America/New_York"}) {
    for (int unit = 0; unit <= static_cast<int>(Unit::kYear); ++unit) {
      Interval interval = Of(static_cast<Unit>(unit), zone);
      interval.fixed_ns = int64_t{3} * 3600 * 1'000'000'000;
      if (interval.unit == Unit::kHour) continue;  // an hour that the clocks repeat is one interval
      for (int64_t time_ns = At("2025-01-01T00:30:00Z"); time_ns < At("2026-01-01T00:00:00Z");
           time_ns += int64_t{7} * 3600 * 1'000'000'000) {
        const int64_t start_ns = IntervalStart(time_ns, interval);
        EXPECT_LE(start_ns, time_ns);
        EXPECT_EQ(IntervalStart(start_ns, interval), start_ns) << zone << ' ' << unit << ' ' << time_ns;
        if (interval.unit != Unit::kFixed) {
          EXPECT_GT(NextInterval(start_ns, interval), time_ns);
        }
      }
    }
  }
}

TEST(CalendarTest, Extremes) {
  for (const int64_t time_ns : {INT64_MIN, INT64_MAX, int64_t{0}, int64_t{-1}}) {
    for (int unit = 0; unit <= static_cast<int>(Unit::kYear); ++unit) {
      Interval interval = Of(static_cast<Unit>(unit), "Europe/Berlin");
      interval.fixed_ns = int64_t{1} << 58;
      interval.offset_ns = -(int64_t{1} << 58);
      EXPECT_GE(NextInterval(IntervalStart(time_ns, interval), interval), INT64_MIN + (int64_t{1} << 59));
    }
  }
}

TEST(CalendarTest, Zones) {
  for (const char* const zone : {"Z", "UTC", "utc", "+02:00", "-0730", "Europe/Berlin"}) {
    EXPECT_TRUE(ParseTimeZone(zone)) << zone;
  }
  for (const char* const zone :
       {"", "+2", "+99:00", "Mars/Base", "../../etc/passwd", "/etc/localtime", ":x"}) {
    EXPECT_FALSE(ParseTimeZone(zone)) << zone;
  }
}

}  // namespace
}  // namespace taffrail::base
