#include "base/duration.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace taffrail::base {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

TEST(DurationTest, ParsesWhatPeopleWrite) {
  EXPECT_EQ(ParseDuration("1h30m"), 5400 * kSecond);
  EXPECT_EQ(ParseDuration("250ms"), 250'000'000);
  EXPECT_EQ(ParseDuration("1.5s"), 1'500'000'000);
  EXPECT_EQ(ParseDuration(".5s"), 500'000'000);
  EXPECT_EQ(ParseDuration("-15m"), -900 * kSecond);
  EXPECT_EQ(ParseDuration("+2d"), 2 * 86400 * kSecond);
  EXPECT_EQ(ParseDuration("1w"), 7 * 86400 * kSecond);
  EXPECT_EQ(ParseDuration("1y"), 365 * 86400 * kSecond);
  EXPECT_EQ(ParseDuration("3us"), 3000);
  EXPECT_EQ(ParseDuration("3\u00b5s"), 3000);  // micro sign
  EXPECT_EQ(ParseDuration("3\u03bcs"), 3000);  // Greek mu
  EXPECT_EQ(ParseDuration("7ns"), 7);
  EXPECT_EQ(ParseDuration("0"), 0);
  EXPECT_EQ(ParseDuration("0.1234567891s"), 123'456'789);
}

TEST(DurationTest, RefusesTheRest) {
  for (const char* text : {"", "-", "1", "h", "1x", "1h30", "1 h", ".s", "--1s", "1h-1m", "1e3s", "300y",
                           "1h1", "99999999999999999999s", "1..5s"}) {
    EXPECT_EQ(ParseDuration(text), std::nullopt) << text;
  }
}

TEST(DurationTest, FormatsShortest) {
  EXPECT_EQ(FormatDuration(0), "0s");
  EXPECT_EQ(FormatDuration(7), "7ns");
  EXPECT_EQ(FormatDuration(1500), "1.5us");
  EXPECT_EQ(FormatDuration(250'000'000), "250ms");
  EXPECT_EQ(FormatDuration(60'250'000'000), "1m0.25s");
  EXPECT_EQ(FormatDuration(5400 * kSecond), "1h30m");
  EXPECT_EQ(FormatDuration(36 * 3600 * kSecond), "36h");
  EXPECT_EQ(FormatDuration(-kSecond), "-1s");
}

TEST(DurationTest, RoundTripsEveryMagnitude) {
  std::mt19937_64 rng(7);
  for (int shift = 0; shift < 64; ++shift) {
    for (int i = 0; i < 200; ++i) {
      const auto value = static_cast<int64_t>(rng()) >> shift;
      ASSERT_EQ(ParseDuration(FormatDuration(value)), value) << FormatDuration(value);
    }
  }
  for (const int64_t value : {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()}) {
    EXPECT_EQ(ParseDuration(FormatDuration(value)), value);
  }
}

}  // namespace
}  // namespace taffrail::base
