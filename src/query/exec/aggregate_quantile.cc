// Aggregated columns: quantiles.
#include <fmt/format.h>

#include <cmath>
#include <string>
#include <vector>

#include "query/exec/aggregate_column.h"
#include "query/exec/quantile_values.h"

namespace taffrail::query::exec {
namespace {

class Quantile final : public AggregateColumn {
 public:
  Quantile(double quantile, size_t cell, uint64_t exact_most)
      : quantile_(quantile), cell_(cell), exact_most_(exact_most) {}
  void AddGroup() override { groups_.emplace_back(); }
  size_t Add(size_t group, const Cells& cells) override {
    expr::Numeric number;
    return cells.ReadNumber(cell_, number) ? Keep(group, number.value) : 0;
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
  size_t AddAll(std::span<const uint32_t> groups, const expr::FieldValues* values) override {
    size_t bytes = 0;
    values->ForEachNumber([&](size_t i, double number) { bytes += Keep(groups[i], number); }, [](size_t) {});
    return bytes;
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
    count_ += from.count_;
    if (count_ <= exact_most_) return bytes;
    for (QuantileValues& group : groups_) bytes += Condense(group);
    return bytes;
  }

 private:
  size_t Keep(size_t group, double number) {
    if (std::isnan(number)) return 0;
    QuantileValues& values = groups_[group];
    const size_t before = values.memory_bytes();
    values.Add(number);
    size_t bytes = values.memory_bytes() - before;
    if (++count_ <= exact_most_) return bytes;
    if (count_ == exact_most_ + 1) {
      for (QuantileValues& each : groups_) bytes += Condense(each);
    }
    return bytes + Condense(values);
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
  std::vector<QuantileValues> groups_;
  uint64_t count_ = 0;      // of all groups
  bool estimates_ = false;  // of the results that were asked for
};

}  // namespace

std::unique_ptr<AggregateColumn> MakeQuantileColumn(double quantile, size_t cell, uint64_t exact_most) {
  return std::make_unique<Quantile>(quantile, cell, exact_most);
}

}  // namespace taffrail::query::exec
