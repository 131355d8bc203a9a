// The small parts that operators are made of.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "query/exec/exact_sum.h"
#include "query/exec/hash_set64.h"
#include "query/exec/newest_last.h"

namespace taffrail::query::exec {
namespace {

using ::testing::ElementsAre;

TEST(ExactSumTest, DoesNotDependOnTheOrder) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 200; ++round) {
    std::vector<int> order(30);
    for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int>(i);
    const auto add = [&](ExactSum& sum, int i) {
      if (i % 3 == 0) sum.Add(int64_t{i} * 1'000'003 - 7, i % 12);
      if (i % 3 == 1) sum.Add(std::ldexp(1.0 + i, (i * 7) % 90 - 40) * (i % 2 == 0 ? 1 : -1));
      if (i % 3 == 2) sum.Add(INT64_MAX - i, 0);
    };
    ExactSum forward;
    for (const int i : order) add(forward, i);
    std::shuffle(order.begin(), order.end(), random);
    ExactSum left;
    ExactSum right;
    for (const int i : order) add(random() % 2 == 0 ? left : right, i);
    left.Merge(right);
    EXPECT_EQ(left.count(), forward.count());
    EXPECT_EQ(left.Double(), forward.Double());
  }
}

TEST(ExactSumTest, KeepsIntegersAndCents) {
  ExactSum integers;
  integers.Add(INT64_MAX, 0);
  integers.Add(-1, 0);
  ASSERT_TRUE(integers.IsInteger());
  EXPECT_EQ(integers.Integer(), INT64_MAX - 1);
  integers.Add(2, 0);
  EXPECT_FALSE(integers.IsInteger());  // beyond 64 bits
  ExactSum cents;
  for (int i = 0; i < 1'000'000; ++i) cents.Add(1, 2);
  EXPECT_EQ(cents.Double(), 10'000);
  ExactSum cancels;
  cancels.Add(1e300);
  cancels.Add(1.5);
  cancels.Add(-1e300);
  EXPECT_EQ(cancels.Double(), 1.5);
}

TEST(HashSet64Test, HoldsWhatASetHolds) {
  std::mt19937_64 random(4);
  HashSet64 set;
  std::set<uint64_t> expected;
  std::vector<uint64_t> some;
  for (int round = 0; round < 300; ++round) {
    some.clear();
    for (size_t i = random() % 60; i > 0; --i)
      some.push_back(random() % 3 == 0 ? random() : random() % 500 << 54);
    expected.insert(some.begin(), some.end());
    set.InsertAll(some);
    ASSERT_EQ(set.size(), expected.size());
  }
  std::set<uint64_t> seen;
  set.ForEach([&seen](uint64_t hash) { EXPECT_TRUE(seen.insert(hash).second); });
  EXPECT_EQ(seen, expected);
}

class Lines final : public ResultSink {
 public:
  bool OnColumns(const std::vector<std::string>&) override { return true; }
  bool OnRecord(const LogRow& row) override {
    lines.push_back(std::string(row.line) + std::string(row.attributes) + row.labels->at(0).second);
    return true;
  }
  bool OnRow(const std::vector<expr::Value>&) override { return true; }
  std::vector<std::string> lines;
};

TEST(NewestLastTest, TurnsRecordsAroundWithinItsBudget) {
  const auto feed = [](NewestLast& sink) {
    for (const char* text : {"c", "b", "a"}) {
      const std::string line = text;
      const record::Labels labels = {{"app", "x" + line}};
      LogRow row;
      row.line = line;
      row.attributes = "{}";
      row.labels = &labels;
      if (!sink.OnRecord(row)) return;
    }
  };
  Lines lines;
  NewestLast enough(lines, 1 << 20);
  feed(enough);
  EXPECT_TRUE(enough.Finish().ok());
  EXPECT_THAT(lines.lines, ElementsAre("a{}xa", "b{}xb", "c{}xc"));
  NewestLast small(lines, 100);
  feed(small);
  EXPECT_TRUE(absl::IsResourceExhausted(small.Finish()));
}

}  // namespace
}  // namespace taffrail::query::exec
