// Aggregated columns: standard deviation, first and last.
#include <cmath>
#include <vector>

#include "query/exec/aggregate_column.h"
#include "query/exec/sort_buffer.h"

namespace taffrail::query::exec {
namespace {

// Welford's recurrence, which does not lose digits when the mean is large.
class Stddev final : public AggregateColumn {
 public:
  explicit Stddev(size_t cell) : cell_(cell) {}
  void AddGroup() override { groups_.emplace_back(); }
  size_t Add(size_t group, const Cells& cells) override {
    expr::Numeric number;
    if (!cells.ReadNumber(cell_, number)) return 0;
    State& state = groups_[group];
    ++state.count;
    const double distance = number.value - state.mean;
    state.mean += distance / static_cast<double>(state.count);
    state.squares += distance * (number.value - state.mean);
    return 0;
  }
  expr::Value Result(size_t group) override {
    const State& state = groups_[group];
    if (state.count == 0) return expr::Null{};
    return expr::MakeNumber(std::sqrt(state.squares / static_cast<double>(state.count)));
  }
  size_t group_bytes() const override { return sizeof(State); }

 private:
  struct State {
    uint64_t count = 0;
    double mean = 0;
    double squares = 0;  // of the distances from the mean
  };
  size_t cell_;
  std::vector<State> groups_;
};

class End final : public AggregateColumn {
 public:
  End(bool last, size_t cell) : last_(last), cell_(cell) {}
  void AddGroup() override { values_.emplace_back(expr::Null{}); }
  size_t Add(size_t group, const Cells& cells) override {
    expr::Value& value = values_[group];
    if (!last_ && !std::holds_alternative<expr::Null>(value)) return 0;
    expr::Value read = cells.Read(cell_);
    if (std::holds_alternative<expr::Missing>(read) || std::holds_alternative<expr::Null>(read)) return 0;
    const size_t before = HeapBytes(value);
    value = std::move(read);
    const size_t after = HeapBytes(value);
    return after > before ? after - before : 0;
  }
  expr::Value Result(size_t group) override { return std::move(values_[group]); }
  size_t group_bytes() const override { return sizeof(expr::Value); }

 private:
  const bool last_;
  size_t cell_;
  std::vector<expr::Value> values_;
};

}  // namespace

std::unique_ptr<AggregateColumn> MakeStddevColumn(size_t cell) { return std::make_unique<Stddev>(cell); }
std::unique_ptr<AggregateColumn> MakeEndColumn(bool last, size_t cell) {
  return std::make_unique<End>(last, cell);
}

}  // namespace taffrail::query::exec
