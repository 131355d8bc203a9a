// The numbers of which a quantile is asked.
//
// Exact: they are kept, and between two of them it is interpolated linearly, as Prometheus and Loki do. Who
// has too many condenses them: then it is known how many lie in each bucket, and between what. The numbers of
// a bucket differ by less than a 128th, so that what is halfway between them is off by at most 0.4 %; and not
// at all where they are the same. It is the same in whatever order they came. The buckets are those of
// HdrHistogram and of OpenTelemetry's exponential histograms: so many from a number to twice it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace taffrail::query::exec {

class QuantileValues {
 public:
  // Fewer are not condensed: it would hardly make them smaller.
  static constexpr size_t kExactMost = 1024;

  void Add(double number) {  // REQUIRES: not NaN
    if (numbers_.size() == numbers_.capacity() && numbers_.size() >= kExactMost) Grow();
    numbers_.push_back(number);
    if (is_estimate() && numbers_.size() >= kExactMost) Fold();
  }
  // Takes in what the other has seen; nothing is left there.
  void Merge(QuantileValues& other);

  bool may_condense() const { return !is_estimate() && numbers_.size() > kExactMost; }
  // REQUIRES: may_condense().
  void Condense();
  bool is_estimate() const { return !buckets_.empty(); }

  // Null: there are none. REQUIRES: quantile in [0, 1].
  std::optional<double> At(double quantile);

  size_t memory_bytes() const {
    return numbers_.capacity() * sizeof(double) + buckets_.capacity() * sizeof(Bucket);
  }

 private:
  struct Bucket {
    double min;
    double max;
    uint64_t count;
  };

  // By a quarter: of millions of numbers, twice as much room would be more than they may have.
  void Grow() { numbers_.reserve(numbers_.size() + numbers_.size() / 4); }
  void Fold();
  void MergeBuckets(const std::vector<Bucket>& other);
  double ExactOf(uint64_t index);
  double LeastBehind(uint64_t index) const;
  double EstimateOf(uint64_t index) const;

  std::vector<double> numbers_;  // of an estimate: those that are in no bucket yet
  std::vector<Bucket> buckets_;  // by their numbers
};

}  // namespace taffrail::query::exec
