#include "pattern/miner.h"

#include <gtest/gtest.h>

#include <string>

namespace taffrail::pattern {
namespace {

TEST(MinerTest, WordsThatDifferBecomeWildcards) {  // REQ Q-10
  Miner miner({});
  for (int i = 0; i < 20; ++i) miner.Add("job " + std::to_string(i) + " of alice done", i * 1'000'000'000LL);
  miner.Add("job 21 of bob done", 21'000'000'000);
  miner.Add("cannot reach the database", 5);
  const auto templates = miner.Templates();
  ASSERT_EQ(templates.size(), 2u);
  EXPECT_EQ(templates[0]->Text(), "job <_> of <_> done");
  EXPECT_EQ(templates[0]->count, 21u);
  EXPECT_EQ(templates[0]->counts.size(), 3u);
  EXPECT_EQ(templates[0]->counts.at(10'000'000'000), 10u);
  EXPECT_EQ(templates[1]->Text(), "cannot reach the database");
}

TEST(MinerTest, UnlikeLinesStayApartAndMemoryIsBounded) {  // REQ Q-10
  Miner miner({.max_templates = 10});
  for (char a = 'a'; a <= 'z'; ++a) {
    const std::string word(1, a);
    miner.Add(word + " " + word + word + " x" + word, 0);
  }
  EXPECT_EQ(miner.Templates().size(), 10u);
  EXPECT_EQ(miner.unmatched(), 16u);
  miner.Add("", 0);
  miner.Add(std::string(100000, ' '), 0);
  miner.Add(std::string(10000, 'w'), 0);
  EXPECT_EQ(miner.unmatched(), 17u);
}

TEST(MinerTest, StepsGrowWithTheTimeThatIsCovered) {  // REQ Q-10
  constexpr int64_t kSecondNs = 1'000'000'000;
  Miner miner({.step_ns = kSecondNs, .max_steps = 10});
  for (int64_t i = 0; i < 7; ++i) miner.Add("tick of the clock", (100 + i) * kSecondNs);
  EXPECT_EQ(miner.step_ns(), kSecondNs);
  EXPECT_EQ(miner.Templates()[0]->counts.size(), 7u);
  miner.Add("tick of the clock", 3700 * kSecondNs);
  EXPECT_EQ(miner.step_ns(), 900 * kSecondNs);
  const std::map<int64_t, uint64_t> expected = {{0, 7}, {3600 * kSecondNs, 1}};
  EXPECT_EQ(miner.Templates()[0]->counts, expected);
  for (const int64_t time_ns : {INT64_MIN, int64_t{0}, INT64_MAX}) miner.Add("tick of the clock", time_ns);
  EXPECT_LE(miner.Templates()[0]->counts.size(), 10u);
  EXPECT_EQ(miner.Templates()[0]->count, 11u);
}

TEST(MinerTest, ASampleIsTheFirstLineCutBetweenCharacters) {  // REQ Q-10
  Miner miner({.max_sample_bytes = 7});
  miner.Add("job 1 \xC3\xA9t\xC3\xA9", 0);
  miner.Add("job 2 \xC3\xA9t\xC3\xA9", 0);
  ASSERT_EQ(miner.Templates().size(), 1u);
  EXPECT_EQ(miner.Templates()[0]->sample, "job 1 ");
  EXPECT_EQ(miner.Templates()[0]->count, 2u);
}

}  // namespace
}  // namespace taffrail::pattern
