#include "redact/gram_set.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <random>

namespace taffrail::redact {
namespace {

// What Among() says of many places at once is what MayHave() says of each, however many there are.
TEST(GramSet, SaysOfManyPlacesWhatItSaysOfEach) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 2000; ++round) {
    std::array<char, 64 + sizeof(uint32_t)> data;
    for (char& c : data) c = static_cast<char>('a' + random() % 4);
    GramSet set;
    for (int i = 0; i < 20; ++i) set.Add(GramSet::Load(data.data() + random() % 64));
    uint64_t starts = random();
    for (int thin = round % 4; thin > 0; --thin) starts &= random();
    if (round % 50 == 0) starts = round % 100 == 0 ? 0 : ~uint64_t{0};
    uint64_t expected = 0;
    for (int bit = 0; bit < 64; ++bit) {
      const bool has = (starts >> bit & 1) != 0 && set.MayHave(GramSet::Load(data.data() + bit));
      expected |= uint64_t{has} << bit;
    }
    ASSERT_EQ(set.Among(data.data(), starts), expected) << starts;
    ASSERT_EQ(GramSet::AmongPortable(set, data.data(), starts), expected) << starts;
  }
}

TEST(GramSet, HasWhatWasAdded) {
  GramSet set;
  EXPECT_FALSE(set.MayHave(GramSet::Load("AKIA")));
  set.Add(GramSet::Load("AKIA"));
  EXPECT_TRUE(set.MayHave(GramSet::Load("AKIA")));
  EXPECT_FALSE(set.MayHave(GramSet::Load("AKIB")));
}

}  // namespace
}  // namespace taffrail::redact
