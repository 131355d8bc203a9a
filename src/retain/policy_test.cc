#include "retain/policy.h"

#include <gtest/gtest.h>

namespace taffrail::retain {
namespace {

constexpr int32_t kToday = 20'000;
constexpr uint64_t kMiB = uint64_t{1} << 20;
const int64_t kNoonNs = StartOfDay(kToday) + (StartOfDay(1) / 2);
constexpr base::DiskSpace kRoomy = {.total_bytes = 1000 * kMiB, .available_bytes = 500 * kMiB};

store::PartInfo PartOf(int32_t day, uint64_t mib = 1) {
  return {.day = day,
          .file_bytes = mib * kMiB,
          .min_timestamp_ns = StartOfDay(day),
          .max_timestamp_ns = StartOfDay(day + 1) - 1};
}

// Days before today with a MiB each, in no order, and one of a clock that is ahead.
std::vector<store::PartInfo> Days(int32_t count) {
  std::vector<store::PartInfo> parts = {PartOf(kToday + 4000)};
  for (int32_t back = 0; back < count; ++back) parts.push_back(PartOf(kToday - back));
  return parts;
}

std::string Decided(const Policy& policy, const std::vector<store::PartInfo>& parts,
                    base::DiskSpace disk = kRoomy, bool by_age = true) {
  const auto decision = Decide(policy, parts, disk, kNoonNs, by_age);
  if (!decision) return "nothing";
  return std::string(NameOf(decision->reason)) + " " + std::to_string(decision->before_day - kToday);
}

// REQ R-01
TEST(Policy, ByAgeWholeDaysGoThatAreOlder) {
  EXPECT_EQ(Decided({.max_age_days = 3}, Days(10)), "age -3");
  EXPECT_EQ(Decided({.max_age_days = 30}, Days(10)), "nothing");
  EXPECT_EQ(Decided({.max_age_days = 9}, Days(10)), "nothing")
      << "the oldest lines are not older than ten days";
  EXPECT_EQ(Decided({.max_age_days = 3}, {PartOf(kToday - 100)}), "age -3") << "also the newest day";
  EXPECT_EQ(Decided({.max_age_days = 3}, Days(10), kRoomy, false), "nothing") << "a clock that is doubted";
}

// REQ R-01
TEST(Policy, BySizeTheOldestDaysGoUntilItFits) {
  EXPECT_EQ(Decided({.max_size_bytes = 5 * kMiB}, Days(10)), "size -3")
      << "of eleven parts, six are too many";
  EXPECT_EQ(Decided({.max_size_bytes = 11 * kMiB}, Days(10)), "nothing");
  EXPECT_EQ(Decided({.max_size_bytes = 1}, Days(10)), "size 0") << "today stays";
  EXPECT_EQ(Decided({.max_size_bytes = 1}, {PartOf(kToday - 100)}), "nothing") << "the newest day stays";
  EXPECT_EQ(Decided({.max_size_bytes = 1}, {PartOf(kToday + 1)}), "nothing");
  EXPECT_EQ(Decided({.max_size_bytes = 5 * kMiB}, Days(10), kRoomy, false), "size -3") << "asks for no clock";
}

// REQ R-03
TEST(Policy, WhenTheDiskFillsTheOldestDaysGo) {
  const base::DiskSpace tight = {.total_bytes = 1000 * kMiB, .available_bytes = 98 * kMiB};
  EXPECT_EQ(Decided({.min_free_bytes = 100 * kMiB}, Days(10), tight), "disk -7");
  EXPECT_EQ(Decided({.min_free_bytes = 98 * kMiB}, Days(10), tight), "nothing");
  EXPECT_EQ(Decided({.min_free_bytes = 900 * kMiB}, Days(10), tight), "disk 0") << "today stays";
}

TEST(Policy, OfSeveralTheStrictestHolds) {
  EXPECT_EQ(Decided({.max_age_days = 3, .max_size_bytes = 9 * kMiB}, Days(10)), "age -3");
  EXPECT_EQ(Decided({.max_age_days = 8, .max_size_bytes = 3 * kMiB}, Days(10)), "size -1");
  EXPECT_EQ(Decided({}, Days(10)), "nothing");
  EXPECT_EQ(Decided({.max_age_days = 1, .max_size_bytes = 1}, {}), "nothing");
}

TEST(Forecast, SaysWhenTheDiskIsFull) {
  const Forecast forecast = Project({}, Days(7), kRoomy, 100 * kMiB, kNoonNs);
  EXPECT_EQ(forecast.oldest_ns, StartOfDay(kToday - 6));
  EXPECT_EQ(forecast.size_bytes, 8 * kMiB);
  // Seven MiB in six and a half days; 400 MiB until lines are refused.
  ASSERT_TRUE(forecast.growth_bytes_per_day.has_value());
  EXPECT_NEAR(static_cast<double>(*forecast.growth_bytes_per_day), 7.0 / 6.5 * kMiB, kMiB / 100.0);
  ASSERT_TRUE(forecast.days_until_full.has_value());
  EXPECT_NEAR(*forecast.days_until_full, 400 * 6.5 / 7, 1);
}

TEST(Forecast, NeverWhereALimitHoldsBefore) {
  const auto full = [](const Policy& policy) {
    return Project(policy, Days(7), kRoomy, 100 * kMiB, kNoonNs).days_until_full.has_value();
  };
  EXPECT_TRUE(full({.max_age_days = 3650}));
  EXPECT_FALSE(full({.max_age_days = 30}));
  EXPECT_FALSE(full({.max_size_bytes = 50 * kMiB}));
  EXPECT_TRUE(full({.max_size_bytes = 5000 * kMiB}));
  EXPECT_FALSE(full({.min_free_bytes = 200 * kMiB})) << "the oldest days go first";
}

TEST(Forecast, AYoungStoreIsNotProjected) {
  store::PartInfo part = PartOf(kToday);
  part.min_timestamp_ns = kNoonNs - 1'000'000'000;
  EXPECT_FALSE(Project({}, {part}, kRoomy, 0, kNoonNs).growth_bytes_per_day.has_value());
  EXPECT_FALSE(Project({}, {}, kRoomy, 0, kNoonNs).oldest_ns.has_value());
}

}  // namespace
}  // namespace taffrail::retain
