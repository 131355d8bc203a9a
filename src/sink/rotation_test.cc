#include "sink/rotation.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <limits>
#include <random>

#include "base/time_text.h"

namespace taffrail::sink {
namespace {

int64_t At(std::string_view text) { return base::ParseRfc3339(text).value(); }

class Zone {
 public:
  explicit Zone(const char* name) {
    setenv("TZ", name, 1);
    tzset();
  }
  ~Zone() {
    unsetenv("TZ");
    tzset();
  }
  Zone(const Zone&) = delete;
  Zone& operator=(const Zone&) = delete;
};

// REQ L-11
TEST(PeriodEnd, IsTheNextHourOrMidnight) {
  const int64_t moment = At("2026-11-21T10:59:59.999Z");
  EXPECT_EQ(PeriodEnd(RotationPeriod::kHourly, false, moment), At("2026-11-21T11:00:00Z"));
  EXPECT_EQ(PeriodEnd(RotationPeriod::kDaily, false, moment), At("2026-11-22T00:00:00Z"));
  EXPECT_EQ(PeriodEnd(RotationPeriod::kDaily, false, At("2026-11-22T00:00:00Z")), At("2026-11-23T00:00:00Z"));
  EXPECT_EQ(PeriodEnd(RotationPeriod::kNever, false, moment), std::numeric_limits<int64_t>::max());
}

TEST(PeriodEnd, LocalDaysHave23And25HoursWhenTheClocksChange) {
  const Zone zone("CET-1CEST,M3.5.0,M10.5.0/3");
  const auto day = [](std::string_view text) { return PeriodEnd(RotationPeriod::kDaily, true, At(text)); };
  EXPECT_EQ(day("2026-11-21T10:00:00Z"), At("2026-11-21T23:00:00Z"));
  EXPECT_EQ(day("2026-03-29T00:30:00+01:00"), At("2026-03-29T22:00:00Z"));
  EXPECT_EQ(day("2026-10-25T00:30:00+02:00"), At("2026-10-25T23:00:00Z"));
  const Zone half("NPT-5:45");
  EXPECT_EQ(PeriodEnd(RotationPeriod::kHourly, true, At("2026-11-21T10:10:00Z")), At("2026-11-21T10:15:00Z"));
}

TEST(PeriodEnd, IsAlwaysLater) {
  const Zone zone("LHST-10:30LHDT-11,M10.1.0,M4.1.0");  // moves by half an hour
  std::mt19937_64 random(1);
  for (int i = 0; i < 20'000; ++i) {
    const int64_t moment = static_cast<int64_t>(random() % (uint64_t{1} << 62));
    for (const bool local : {false, true}) {
      for (const auto period : {RotationPeriod::kHourly, RotationPeriod::kDaily}) {
        const int64_t end = PeriodEnd(period, local, moment);
        ASSERT_GT(end, moment);
        ASSERT_LE(end - moment, int64_t{25} * 3'600 * 1'000'000'000);
      }
    }
  }
}

TEST(OldNames, StandBesideTheFile) {
  const int64_t moment = At("2026-11-21T10:00:00.005Z");
  EXPECT_EQ(OldNames("/var/log/app.log", false).Name(moment), "app-2026-11-21T10-00-00.005.log");
  EXPECT_EQ(OldNames("/var/log/app.log", false).dir(), "/var/log");
  EXPECT_EQ(OldNames("app", false).Name(moment), "app-2026-11-21T10-00-00.005");
  EXPECT_EQ(OldNames("a.b.log", false).Name(moment), "a.b-2026-11-21T10-00-00.005.log");
  EXPECT_EQ(OldNames(".log", false).Name(moment), ".log-2026-11-21T10-00-00.005");
  const Zone zone("CET-1");
  EXPECT_EQ(OldNames("app.log", true).Name(moment), "app-2026-11-21T11-00-00.005.log");
}

TEST(OldNames, AreReadBack) {
  for (const bool local : {false, true}) {
    const OldNames names("/d/app.log", local);
    std::mt19937_64 random(2);
    for (int i = 0; i < 5'000; ++i) {
      const auto moment = static_cast<int64_t>(random() % (uint64_t{1} << 62)) / 1'000'000 * 1'000'000;
      const auto old = names.Parse(names.Name(moment));
      ASSERT_TRUE(old);
      ASSERT_EQ(old->closed_ns, moment);
      ASSERT_FALSE(old->compressed);
      ASSERT_TRUE(names.Parse(names.Name(moment) + ".gz")->compressed);
      ASSERT_EQ(names.ParseUnfinished(names.Name(moment) + ".zst.tmp"), names.Name(moment));
    }
  }
}

// What is not ours is never removed.
TEST(OldNames, OfOthersAreLeftAlone) {
  const OldNames names("/d/app.log", false);
  for (const char* name :
       {"app.log", "app.log.1", "app-2026-11-21.log", "app-2026-11-21T10-00-00.000.txt", "app-.log",
        "xapp-2026-11-21T10-00-00.000.log", "app-x-2026-11-21T10-00-00.000.log",
        "app-2026-13-21T10-00-00.000.log", "app-2026-11-21T10:00:00.000.log",
        "app-2026-11-21T10-00-00.000.log.bz2", "app-9999-11-21T10-00-00.000.log",
        "app-2026-11-21T10-00-00.000.log.gz.gz", "app-2026-11-21T10-00-00.000.log.gz.zst", ""}) {
    EXPECT_FALSE(names.Parse(name)) << name;
  }
  EXPECT_FALSE(names.ParseUnfinished("app-2026-11-21T10-00-00.000.log.tmp"));
  EXPECT_FALSE(names.ParseUnfinished("app.log.gz.tmp"));
}

}  // namespace
}  // namespace taffrail::sink
