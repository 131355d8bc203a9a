#include "retain/clock_guard.h"

#include <gtest/gtest.h>

namespace taffrail::retain {
namespace {

constexpr int64_t kHourNs = int64_t{3600} * 1'000'000'000;
constexpr int64_t kYearNs = 365 * 24 * kHourNs;
constexpr int64_t kNowNs = 50 * kYearNs;

TEST(ClockGuard, AClockThatGoesAsItShouldIsBelieved) {
  ClockGuard guard(std::nullopt);
  for (int64_t hour = 0; hour < 100; ++hour)
    EXPECT_TRUE(guard.Believe(kNowNs + hour * kHourNs, hour * kHourNs)) << hour;
  EXPECT_EQ(guard.seen_ns(), kNowNs + 99 * kHourNs);
}

TEST(ClockGuard, OneThatJumpsAheadIsDoubtedForADay) {
  ClockGuard guard(kNowNs);
  const int64_t ahead_ns = kNowNs + kYearNs;
  for (int64_t hour = 0; hour < 24; ++hour)
    EXPECT_FALSE(guard.Believe(ahead_ns + hour * kHourNs, hour * kHourNs)) << hour;
  EXPECT_EQ(guard.seen_ns(), kNowNs) << "a restart meanwhile doubts it anew";
  EXPECT_TRUE(guard.Believe(ahead_ns + 24 * kHourNs, 24 * kHourNs));
  EXPECT_EQ(guard.seen_ns(), ahead_ns + 24 * kHourNs);
}

TEST(ClockGuard, OneThatIsSetRightAgainIsBelievedAtOnce) {
  ClockGuard guard(kNowNs);
  EXPECT_FALSE(guard.Believe(kNowNs + kYearNs, 0));
  EXPECT_TRUE(guard.Believe(kNowNs + kHourNs, kHourNs));
  EXPECT_FALSE(guard.Believe(kNowNs + kYearNs, 2 * kHourNs)) << "the day of doubt begins anew";
  EXPECT_FALSE(guard.Believe(kNowNs + kYearNs, 25 * kHourNs));
  EXPECT_TRUE(guard.Believe(kNowNs + kYearNs, 26 * kHourNs));
}

TEST(ClockGuard, OneThatGoesBackDropsNothingTooMany) {
  ClockGuard guard(kNowNs);
  EXPECT_TRUE(guard.Believe(kNowNs - kYearNs, 0));
  EXPECT_FALSE(guard.Believe(kNowNs, kHourNs)) << "which of the two was right is not known";
}

}  // namespace
}  // namespace taffrail::retain
