#include "cmd/human.h"

#include <gtest/gtest.h>

namespace taffrail::cmd {
namespace {

TEST(Human, Bytes) {
  EXPECT_EQ(HumanBytes(0), "0 B");
  EXPECT_EQ(HumanBytes(999), "999 B");
  EXPECT_EQ(HumanBytes(1000), "1.0 KB");
  EXPECT_EQ(HumanBytes(9'940), "9.9 KB");
  EXPECT_EQ(HumanBytes(9'960), "10 KB");
  EXPECT_EQ(HumanBytes(999'600), "1.0 MB");
  EXPECT_EQ(HumanBytes(UINT64_MAX), "18 EB");
}

TEST(Human, Counts) {
  EXPECT_EQ(HumanCount(0), "0");
  EXPECT_EQ(HumanCount(999), "999");
  EXPECT_EQ(HumanCount(1'234'567), "1 234 567");
}

TEST(Human, Durations) {
  EXPECT_EQ(HumanDuration(812), "812 ns");
  EXPECT_EQ(HumanDuration(3'400'000), "3.4 ms");
  EXPECT_EQ(HumanDuration(-1'200'000'000), "-1.2 s");
  EXPECT_EQ(HumanDuration(125'000'000'000), "2 min 5 s");
  EXPECT_EQ(HumanDuration(11'520'000'000'000), "3 h 12 min");
  EXPECT_EQ(HumanDuration(187'200'000'000'000), "2 d 4 h");
}

TEST(Human, Rates) {
  EXPECT_EQ(HumanRate(950), "950");
  EXPECT_EQ(HumanRate(341'000), "341 k");
  EXPECT_EQ(HumanRate(1'200'000), "1.2 M");
}

}  // namespace
}  // namespace taffrail::cmd
