#include "query/exec/aggregate_column.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "base/hash.h"

namespace taffrail::query::exec {
namespace {

using expr::Value;

bool IsNothing(const Value& value) {
  return std::holds_alternative<expr::Missing>(value) || std::holds_alternative<expr::Null>(value);
}

class Count final : public AggregateColumn {
 public:
  Count(bool of_rows, size_t cell) : of_rows_(of_rows), cell_(cell) {}
  void AddGroup() override { counts_.push_back(0); }
  size_t Add(size_t group, const Cells& cells) override {
    if (of_rows_ || !IsNothing(cells.Read(cell_))) ++counts_[group];
    return 0;
  }
  Value Result(size_t group) override { return counts_[group]; }
  size_t group_bytes() const override { return sizeof(int64_t); }

 private:
  bool of_rows_;
  size_t cell_;
  std::vector<int64_t> counts_;
};

// Exact: the hashes of the values seen. 64 bits hold billions of values before two are likely to meet.
class CountDistinct final : public AggregateColumn {
 public:
  explicit CountDistinct(size_t cell) : cell_(cell) { expr::AppendKey(expr::Missing{}, nothing_); }
  void AddGroup() override { seen_.emplace_back(); }
  size_t Add(size_t group, const Cells& cells) override {
    key_.clear();
    cells.AppendKey(cell_, key_);
    if (key_ == nothing_) return 0;
    return seen_[group].insert(base::Hash64(key_)).second ? 2 * sizeof(uint64_t) : 0;
  }
  Value Result(size_t group) override { return static_cast<int64_t>(seen_[group].size()); }
  size_t group_bytes() const override { return sizeof(seen_[0]); }

 private:
  size_t cell_;
  std::string nothing_;
  std::string key_;
  std::vector<absl::flat_hash_set<uint64_t>> seen_;
};

// Integers are summed exactly; other numbers with Neumaier's correction, so that a million cents make the
// right sum.
class Sum final : public AggregateColumn {
 public:
  Sum(bool average, size_t cell) : average_(average), cell_(cell) {}
  void AddGroup() override { states_.emplace_back(); }
  size_t Add(size_t group, const Cells& cells) override {
    expr::Numeric number;
    if (!cells.ReadNumber(cell_, number)) return 0;
    State& state = states_[group];
    ++state.count;
    if (number.is_integer) {
      state.integers += number.integer;
    } else {
      AddDouble(number.value, state);
    }
    return 0;
  }
  Value Result(size_t group) override {
    const State& state = states_[group];
    if (state.count == 0) return expr::Null{};
    const bool whole =
        !state.has_doubles && !average_ && state.integers >= INT64_MIN && state.integers <= INT64_MAX;
    if (whole) return static_cast<int64_t>(state.integers);
    State total = state;
    AddDouble(static_cast<double>(state.integers), total);
    const double sum = total.sum + (std::isfinite(total.correction) ? total.correction : 0);
    return expr::MakeNumber(average_ ? sum / static_cast<double>(state.count) : sum);
  }
  size_t group_bytes() const override { return sizeof(State); }

 private:
  struct State {
    __extension__ __int128 integers = 0;
    double sum = 0;
    double correction = 0;
    int64_t count = 0;
    bool has_doubles = false;
  };

  static void AddDouble(double value, State& state) {
    const double sum = state.sum + value;
    state.correction +=
        std::abs(state.sum) >= std::abs(value) ? (state.sum - sum) + value : (value - sum) + state.sum;
    state.sum = sum;
    state.has_doubles = true;
  }

  bool average_;
  size_t cell_;
  std::vector<State> states_;
};

// By the order of expr::CompareValues: numbers before texts.
class Extreme final : public AggregateColumn {
 public:
  Extreme(bool maximum, size_t cell) : maximum_(maximum), cell_(cell) {}
  void AddGroup() override { best_.emplace_back(expr::Null{}); }
  size_t Add(size_t group, const Cells& cells) override {
    Value value = cells.Read(cell_);
    Value& best = best_[group];
    if (IsNothing(value)) return 0;
    if (!IsNothing(best)) {
      const int order = expr::CompareValues(value, best);
      if (maximum_ ? order <= 0 : order >= 0) return 0;
    }
    best = std::move(value);
    return 0;
  }
  Value Result(size_t group) override { return best_[group]; }
  size_t group_bytes() const override { return 2 * sizeof(Value); }

 private:
  bool maximum_;
  size_t cell_;
  std::vector<Value> best_;
};

// Exact: keeps the numbers. Between two of them it interpolates linearly, as Prometheus and Loki do.
class Quantile final : public AggregateColumn {
 public:
  Quantile(double quantile, size_t cell) : quantile_(quantile), cell_(cell) {}
  void AddGroup() override { numbers_.emplace_back(); }
  size_t Add(size_t group, const Cells& cells) override {
    expr::Numeric number;
    if (!cells.ReadNumber(cell_, number) || std::isnan(number.value)) return 0;
    const size_t before = numbers_[group].capacity();
    numbers_[group].push_back(number.value);
    return (numbers_[group].capacity() - before) * sizeof(double);
  }
  Value Result(size_t group) override {
    std::vector<double>& numbers = numbers_[group];
    if (numbers.empty()) return expr::Null{};
    const double rank = quantile_ * static_cast<double>(numbers.size() - 1);
    const auto low = static_cast<ptrdiff_t>(rank);
    std::nth_element(numbers.begin(), numbers.begin() + low, numbers.end());
    const double lower = numbers[static_cast<size_t>(low)];
    const double weight = rank - static_cast<double>(low);
    if (weight == 0) return expr::MakeNumber(lower);
    const double upper = *std::min_element(numbers.begin() + low + 1, numbers.end());
    return expr::MakeNumber(lower * (1 - weight) + upper * weight);
  }
  size_t group_bytes() const override { return sizeof(std::vector<double>); }

 private:
  double quantile_;
  size_t cell_;
  std::vector<std::vector<double>> numbers_;
};

}  // namespace

std::unique_ptr<AggregateColumn> MakeAggregateColumn(const plan::Call& call, size_t cell) {
  switch (call.function) {
    case plan::Function::kCount:
      return std::make_unique<Count>(!call.has_field, cell);
    case plan::Function::kCountDistinct:
      return std::make_unique<CountDistinct>(cell);
    case plan::Function::kSum:
    case plan::Function::kAvg:
      return std::make_unique<Sum>(call.function == plan::Function::kAvg, cell);
    case plan::Function::kMin:
    case plan::Function::kMax:
      return std::make_unique<Extreme>(call.function == plan::Function::kMax, cell);
    case plan::Function::kQuantile:
      return std::make_unique<Quantile>(call.quantile, cell);
    case plan::Function::kStddev:
      return MakeStddevColumn(cell);
    case plan::Function::kFirst:
    case plan::Function::kLast:
      return MakeEndColumn(call.function == plan::Function::kLast, cell);
  }
  return nullptr;
}

}  // namespace taffrail::query::exec
