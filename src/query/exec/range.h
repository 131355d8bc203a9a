// The arithmetic of range aggregations.
//
// Windows of neighbouring points overlap. The entries that lie in exactly the same windows form a pane: what
// is known of them is gathered once, and merged into each of their windows at the end. A pane's windows are
// those of the points first … last.
//
//   windows   |----t0----|            panes   |a|  b  |c|
//                |----t1----|                 a: t0   b: t0, t1   c: t1
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "query/plan/vectors.h"

namespace taffrail::query::exec {

struct PaneKey {
  uint32_t first = 0;
  uint32_t last = 0;
  friend auto operator<=>(const PaneKey&, const PaneKey&) = default;  // NOLINT(modernize-use-nullptr)
};

// The pane of an entry at this time; false when it is in no window.
bool PaneOf(const plan::RangeAggregate& range, int64_t time_ns, PaneKey& key);

// What is known of some entries; mergeable in any order.
class Accumulator {
 public:
  // Returns how many bytes more it holds now.
  size_t Add(plan::RangeFunction function, int64_t time_ns, double value);
  void Merge(plan::RangeFunction function, const Accumulator& other);
  // REQUIRES: something was added. `end_ns`: of the window.
  double Result(const plan::RangeAggregate& range, int64_t end_ns);
  bool empty() const { return count_ == 0; }

 private:
  double CounterRate(const plan::RangeAggregate& range, int64_t end_ns);
  double Quantile(double quantile);

  int64_t count_ = 0;
  double sum_ = 0;
  double min_ = 0;
  double max_ = 0;
  double mean_ = 0;
  double squares_ = 0;  // of the distances from the mean
  int64_t first_ns_ = 0;
  int64_t last_ns_ = 0;
  double first_ = 0;
  double last_ = 0;
  std::vector<std::pair<int64_t, double>> samples_;  // kQuantile, kCounterRate
};

}  // namespace taffrail::query::exec
