#include "query/exec/distinct.h"

#include <gtest/gtest.h>

#include <cmath>
#include <span>
#include <vector>

#include "base/hash.h"

namespace taffrail::query::exec {
namespace {

uint64_t HashOf(uint64_t number, uint64_t seed) {
  return base::Hash64({reinterpret_cast<const char*>(&number), sizeof(number)}, seed);
}

TEST(DistinctSetTest, ExactUpToTheBound) {  // REQ Q-05
  DistinctSet set;
  for (int round = 0; round < 2; ++round) {
    for (uint64_t i = 0; i < DistinctSet::kExactMost; ++i) set.Insert(HashOf(i, 1));
  }
  set.Insert(0);  // a hash like any other, which makes it one more than the bound
  EXPECT_TRUE(set.is_estimate());
  DistinctSet exact;
  for (uint64_t i = 1; i < DistinctSet::kExactMost; ++i) exact.Insert(HashOf(i, 1));
  exact.Insert(0);
  EXPECT_FALSE(exact.is_estimate());
  EXPECT_EQ(exact.Count(), DistinctSet::kExactMost);
}

TEST(DistinctSetTest, TheErrorStaysWithinItsBound) {  // REQ Q-05
  double squares = 0;
  int answers = 0;
  for (const uint64_t size : {100'001u, 150'000u, 400'000u, 1'000'000u}) {
    for (uint64_t seed = 0; seed < 6; ++seed) {
      DistinctSet set;
      for (uint64_t i = 0; i < size; ++i) set.Insert(HashOf(i, seed));
      ASSERT_TRUE(set.is_estimate());
      const double error = static_cast<double>(set.Count()) / static_cast<double>(size) - 1;
      EXPECT_LT(std::abs(error), 0.025) << size << " seed " << seed;
      squares += error * error;
      ++answers;
      EXPECT_LE(set.memory_bytes(), size_t{16} << 10);
    }
  }
  EXPECT_LT(std::sqrt(squares / answers), 0.011);
}

TEST(DistinctSetTest, HoweverItIsPutTogether) {  // REQ Q-05
  constexpr uint64_t kSize = 130'000;
  std::vector<uint64_t> hashes;
  for (uint64_t i = 0; i < kSize; ++i) hashes.push_back(HashOf(i, 7));
  DistinctSet whole;
  whole.InsertAll(hashes);
  for (const size_t cut : {size_t{1}, size_t{20'000}, size_t{65'000}, size_t{129'000}}) {
    // Parts overlap, and are merged in both directions: exact into an estimate, and the other way round.
    DistinctSet front;
    DistinctSet back;
    front.InsertAll(std::span(hashes).first(cut));
    back.InsertAll(std::span(hashes).subspan(cut / 2));
    DistinctSet front_copy = front;
    DistinctSet back_copy = back;
    front.Merge(back);
    back_copy.Merge(front_copy);
    EXPECT_EQ(front.Count(), whole.Count());
    EXPECT_EQ(back_copy.Count(), whole.Count());
  }
  DistinctSet few;
  few.InsertAll(std::span(hashes).first(60'000));
  DistinctSet same;
  same.InsertAll(std::span(hashes).subspan(10'000, 60'000));
  few.Merge(same);
  EXPECT_FALSE(few.is_estimate());  // 120 000 in the parts, 70 000 in the union
  EXPECT_EQ(few.Count(), 70'000u);
}

TEST(DistinctSetTest, OddHashes) {
  DistinctSet set;
  for (uint64_t i = 0; i <= DistinctSet::kExactMost; ++i) set.Insert(HashOf(i, 3));
  EXPECT_TRUE(set.is_estimate());
  for (const uint64_t hash : {uint64_t{0}, UINT64_MAX, uint64_t{1} << 50, (uint64_t{1} << 50) - 1})
    set.Insert(hash);
  EXPECT_NEAR(static_cast<double>(set.Count()), DistinctSet::kExactMost, 2500);
  DistinctSet none;
  EXPECT_EQ(none.Count(), 0u);
  none.Merge(set);
  EXPECT_EQ(none.Count(), set.Count());
}

}  // namespace
}  // namespace taffrail::query::exec
