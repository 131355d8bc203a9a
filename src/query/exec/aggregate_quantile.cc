// Aggregated columns: quantiles.
#include <fmt/format.h>

#include <atomic>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "query/exec/aggregate_column.h"
#include "query/exec/quantile_values.h"

namespace taffrail::query::exec {
namespace {

class Quantile final : public AggregateColumn {
 public:
  using Count = std::atomic<uint64_t>;

  Quantile(double quantile, size_t cell, uint64_t exact_most, std::shared_ptr<Count> count)
      : quantile_(quantile), cell_(cell), exact_most_(exact_most), count_(std::move(count)) {}
  void AddGroup() override { groups_.emplace_back(); }
  size_t Add(size_t group, const Cells& cells) override {
    expr::Numeric number;
    if (!cells.ReadNumber(cell_, number) || std::isnan(number.value)) return 0;
    return Keep(group, number.value) + Counted(1);
  }
  expr::Value Result(size_t group) override {
    estimates_ = estimates_ || groups_[group].is_estimate();
    const std::optional<double> result = groups_[group].At(quantile_);
    return result.has_value() ? expr::Value(expr::MakeNumber(*result)) : expr::Null{};
  }
  std::string Note() const override {
    if (!estimates_) return "";
    return fmt::format("quantiles of more than {} numbers are estimates (error 0.4 %)", exact_most_);
  }
  size_t group_bytes() const override { return sizeof(QuantileValues); }

  bool is_splittable() const override { return true; }
  std::unique_ptr<AggregateColumn> MakePart() const override {
    return std::make_unique<Quantile>(quantile_, cell_, exact_most_, count_);
  }
  size_t AddAll(std::span<const uint32_t> groups, const expr::FieldValues* values) override {
    size_t bytes = 0;
    uint64_t kept = 0;
    values->ForEachNumber(
        [&](size_t i, double number) {
          if (std::isnan(number)) return;
          bytes += Keep(groups[i], number);
          ++kept;
        },
        [](size_t) {});
    return bytes + Counted(kept);
  }
  size_t Merge(AggregateColumn& other, std::span<const uint32_t> groups) override {
    auto& from = static_cast<Quantile&>(other);
    size_t bytes = 0;
    for (size_t g = 0; g < groups.size(); ++g) {
      QuantileValues& to = groups_[groups[g]];
      const size_t before = to.memory_bytes() + from.groups_[g].memory_bytes();
      to.Merge(from.groups_[g]);
      bytes += to.memory_bytes() - before;
    }
    bytes += Counted(from.count_ == count_ ? 0 : from.count_->load());
    return condenses_ ? bytes + CondenseAll() : bytes;
  }

 private:
  size_t Keep(size_t group, double number) {
    QuantileValues& values = groups_[group];
    const size_t before = values.memory_bytes();
    values.Add(number);
    size_t bytes = values.memory_bytes() - before;
    if (condenses_) bytes += Condense(values);
    return bytes;
  }

  // So many came. Once all parts together have too many, each condenses what it has and gets: whether it does
  // depends on their number alone, not on which thread saw which.
  size_t Counted(uint64_t numbers) {
    const uint64_t all = count_->fetch_add(numbers, std::memory_order_relaxed) + numbers;
    if (all <= exact_most_ || condenses_) return 0;
    condenses_ = true;
    return CondenseAll();
  }

  size_t CondenseAll() {
    size_t bytes = 0;
    for (QuantileValues& group : groups_) bytes += Condense(group);
    return bytes;
  }

  // How many bytes more it holds, modulo 2^64.
  static size_t Condense(QuantileValues& values) {
    if (!values.may_condense()) return 0;
    const size_t before = values.memory_bytes();
    values.Condense();
    return values.memory_bytes() - before;
  }

  const double quantile_;
  const size_t cell_;
  const uint64_t exact_most_;
  const std::shared_ptr<Count> count_;  // of the numbers of all groups of all parts
  std::vector<QuantileValues> groups_;
  bool condenses_ = false;
  bool estimates_ = false;  // of the results that were asked for
};

}  // namespace

std::unique_ptr<AggregateColumn> MakeQuantileColumn(double quantile, size_t cell, uint64_t exact_most) {
  return std::make_unique<Quantile>(quantile, cell, exact_most, std::make_shared<Quantile::Count>(0));
}

}  // namespace taffrail::query::exec
