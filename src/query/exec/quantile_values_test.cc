#include "query/exec/quantile_values.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "query/exec/aggregate_column.h"

namespace taffrail::query::exec {
namespace {

constexpr double kQuantiles[] = {0, 0.001, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999, 1};

QuantileValues Of(const std::vector<double>& numbers) {
  QuantileValues values;
  for (const double number : numbers) values.Add(number);
  return values;
}

double ExactOf(std::vector<double> numbers, double quantile) {
  std::sort(numbers.begin(), numbers.end());
  const double rank = quantile * static_cast<double>(numbers.size() - 1);
  const auto low = static_cast<size_t>(rank);
  const double weight = rank - std::floor(rank);
  return weight == 0 ? numbers[low] : numbers[low] * (1 - weight) + numbers[low + 1] * weight;
}

std::vector<double> LogNormal(size_t count, unsigned seed) {
  std::mt19937_64 random(seed);
  std::lognormal_distribution<double> distribution(3, 2);
  std::vector<double> numbers;
  for (size_t i = 0; i < count; ++i) numbers.push_back(distribution(random));
  return numbers;
}

TEST(QuantileValuesTest, FewAreExact) {
  QuantileValues none;
  EXPECT_EQ(none.At(0.5), std::nullopt);
  QuantileValues one = Of({7});
  EXPECT_EQ(one.At(0), 7);
  EXPECT_EQ(one.At(1), 7);
  const std::vector<double> numbers = LogNormal(1000, 1);
  QuantileValues values = Of(numbers);
  for (const double q : kQuantiles) EXPECT_EQ(values.At(q), ExactOf(numbers, q)) << q;
  EXPECT_FALSE(values.may_condense());
}

TEST(QuantileValuesTest, EstimatesAreWithinTheirError) {
  std::vector<std::vector<double>> sets = {LogNormal(50'000, 2)};
  std::vector<double>& mixed = sets.emplace_back(LogNormal(20'000, 3));
  for (size_t i = 0; i < mixed.size(); ++i) mixed[i] *= i % 3 == 0 ? -1e-9 : i % 7 == 0 ? 0 : 1e200;
  sets.emplace_back(5'000, 123.456);
  for (const std::vector<double>& numbers : sets) {
    QuantileValues values = Of(numbers);
    ASSERT_TRUE(values.may_condense());
    values.Condense();
    EXPECT_TRUE(values.is_estimate());
    for (const double q : kQuantiles) {
      const double exact = ExactOf(numbers, q);
      EXPECT_NEAR(*values.At(q), exact, std::abs(exact) * 0.004) << q;
    }
    EXPECT_EQ(values.At(0), ExactOf(numbers, 0));
    EXPECT_EQ(values.At(1), ExactOf(numbers, 1));
  }
  QuantileValues same = Of(sets[2]);
  same.Condense();
  EXPECT_EQ(same.At(0.5), 123.456);
  EXPECT_LT(same.memory_bytes(), 100U);
}

TEST(QuantileValuesTest, InfinitiesHaveTheirPlace) {
  std::vector<double> numbers(2'000, 1.0);
  numbers.insert(numbers.end(), 5, INFINITY);
  numbers.insert(numbers.end(), 5, -INFINITY);
  QuantileValues values = Of(numbers);
  values.Condense();
  EXPECT_EQ(values.At(0), -INFINITY);
  EXPECT_EQ(values.At(0.001), -INFINITY);
  EXPECT_EQ(values.At(0.5), 1);
  EXPECT_EQ(values.At(1), INFINITY);
}

// Whatever was condensed when, and merged with what: the answers are the same to the last bit.
TEST(QuantileValuesTest, EstimatesDoNotDependOnTheOrder) {
  const std::vector<double> numbers = LogNormal(30'000, 4);
  QuantileValues whole = Of(numbers);
  whole.Condense();
  std::mt19937_64 random(5);
  for (int round = 0; round < 20; ++round) {
    std::vector<double> shuffled = numbers;
    std::shuffle(shuffled.begin(), shuffled.end(), random);
    QuantileValues all;
    for (size_t begin = 0; begin < shuffled.size();) {
      const size_t end = std::min(shuffled.size(), begin + 1 + random() % 8000);
      QuantileValues part;
      for (size_t i = begin; i < end; ++i) {
        part.Add(shuffled[i]);
        if (part.may_condense() && random() % 1000 == 0) part.Condense();
      }
      all.Merge(part);
      EXPECT_EQ(part.At(0.5), std::nullopt);
      begin = end;
    }
    if (all.may_condense()) all.Condense();
    for (const double q : kQuantiles) EXPECT_EQ(all.At(q), whole.At(q)) << q;
  }
}

// A row whose only cell is a number.
class NumberCell final : public Cells {
 public:
  double number = 0;
  expr::Value Read(size_t) const override { return expr::MakeNumber(number); }
  bool ReadNumber(size_t, expr::Numeric& to) const override {
    to = {.value = number};
    return true;
  }
  void AppendKey(size_t, std::string&) const override {}
};

TEST(QuantileColumnTest, CondensesLargeGroupsOnceAllHaveTooMany) {
  constexpr uint64_t kMost = 10'000;
  const std::vector<double> numbers = LogNormal(12'000, 6);
  const auto column_of = [&](size_t first, size_t last) {
    auto column = MakeQuantileColumn(0.9, 0, kMost);
    column->AddGroup();
    column->AddGroup();
    NumberCell cell;
    size_t bytes = 0;
    for (size_t i = first; i < last; ++i) {
      cell.number = numbers[i];
      bytes += column->Add(i % 100 == 0 ? 1 : 0, cell);
    }
    return std::pair(std::move(column), bytes);
  };
  std::vector<double> small;
  for (size_t i = 0; i < numbers.size(); i += 100) small.push_back(numbers[i]);

  auto [whole, whole_bytes] = column_of(0, numbers.size());
  const expr::Value large_result = whole->Result(0);
  EXPECT_LT(whole_bytes, kMost * sizeof(double));
  EXPECT_EQ(whole->Result(1), expr::MakeNumber(ExactOf(small, 0.9)));  // a group of few stays exact
  EXPECT_THAT(whole->Note(), testing::HasSubstr("10000"));

  auto [all, all_bytes] = column_of(0, 4'000);
  for (size_t first = 4'000; first < numbers.size(); first += 4'000) {
    EXPECT_EQ(all->Note(), "");
    auto [part, part_bytes] = column_of(first, first + 4'000);
    all_bytes += part_bytes + all->Merge(*part, std::vector<uint32_t>{0, 1});
  }
  EXPECT_EQ(all->Result(0), large_result);
  EXPECT_EQ(all->Result(1), whole->Result(1));
  EXPECT_LT(all_bytes, kMost * sizeof(double));  // what the parts held is given back

  // Parts count together: one alone has not too many, and holds no more than the rest of all that may be.
  auto first = MakeQuantileColumn(0.9, 0, kMost);
  const auto second = first->MakePart();
  NumberCell cell;
  size_t bytes = 0;
  for (AggregateColumn* const part : {first.get(), second.get()}) {
    part->AddGroup();
    part->AddGroup();
    const size_t begin = part == first.get() ? 0 : numbers.size() / 2;
    for (size_t i = begin; i < begin + numbers.size() / 2; ++i) {
      cell.number = numbers[i];
      bytes += part->Add(i % 100 == 0 ? 1 : 0, cell);
    }
    EXPECT_LT(bytes, kMost * sizeof(double) * 5 / 4);
  }
  bytes += first->Merge(*second, std::vector<uint32_t>{0, 1});
  EXPECT_EQ(first->Result(0), large_result);
  EXPECT_EQ(first->Result(1), whole->Result(1));
  EXPECT_LT(bytes, kMost * sizeof(double));

  auto [exact, exact_bytes] = column_of(0, 9'000);
  EXPECT_EQ(exact->Note(), "");
  EXPECT_GE(exact_bytes, 9'000 * sizeof(double));
}

}  // namespace
}  // namespace taffrail::query::exec
