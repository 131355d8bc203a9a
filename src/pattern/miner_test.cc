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

}  // namespace
}  // namespace taffrail::pattern
