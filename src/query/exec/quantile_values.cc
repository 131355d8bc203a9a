#include "query/exec/quantile_values.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace taffrail::query::exec {
namespace {

// The bucket that a number is of, ordered as the numbers are: of its 64 bits the sign, the exponent and seven
// of the fraction.
uint32_t KeyOf(double number) {
  constexpr int kShift = 45;
  constexpr uint64_t kSignBit = uint64_t{1} << 63;
  const auto bits = std::bit_cast<uint64_t>(number + 0.0);  // no -0
  return static_cast<uint32_t>(((bits & kSignBit) != 0 ? ~bits : bits | kSignBit) >> kShift);
}

}  // namespace

void QuantileValues::Merge(QuantileValues& other) {
  if (memory_bytes() < other.memory_bytes()) std::swap(*this, other);  // the smaller one is copied
  numbers_.reserve(numbers_.size() + other.numbers_.size());
  numbers_.insert(numbers_.end(), other.numbers_.begin(), other.numbers_.end());
  if (other.is_estimate()) MergeBuckets(other.buckets_);
  if (is_estimate()) Condense();
  other = QuantileValues();
}

void QuantileValues::Condense() {
  Fold();
  numbers_.shrink_to_fit();
  buckets_.shrink_to_fit();
}

// Puts the numbers into buckets.
void QuantileValues::Fold() {
  std::sort(numbers_.begin(), numbers_.end());
  std::vector<Bucket> folded;
  for (const double number : numbers_) {
    if (folded.empty() || KeyOf(folded.back().min) != KeyOf(number)) folded.push_back({number, number, 0});
    folded.back().max = number;
    ++folded.back().count;
  }
  numbers_.clear();
  MergeBuckets(folded);
}

void QuantileValues::MergeBuckets(const std::vector<Bucket>& other) {
  std::vector<Bucket> merged;
  merged.reserve(buckets_.size() + other.size());
  std::merge(buckets_.begin(), buckets_.end(), other.begin(), other.end(), std::back_inserter(merged),
             [](const Bucket& a, const Bucket& b) { return KeyOf(a.min) < KeyOf(b.min); });
  size_t kept = 0;
  for (const Bucket& bucket : merged) {
    if (kept == 0 || KeyOf(merged[kept - 1].min) != KeyOf(bucket.min)) {
      merged[kept++] = bucket;
      continue;
    }
    Bucket& same = merged[kept - 1];
    same.min = std::min(same.min, bucket.min);
    same.max = std::max(same.max, bucket.max);
    same.count += bucket.count;
  }
  buckets_.assign(merged.begin(), merged.begin() + static_cast<ptrdiff_t>(kept));
}

std::optional<double> QuantileValues::At(double quantile) {
  if (is_estimate()) Fold();
  uint64_t count = numbers_.size();
  for (const Bucket& bucket : buckets_) count += bucket.count;
  if (count == 0) return std::nullopt;
  const double rank = quantile * static_cast<double>(count - 1);
  const auto low = static_cast<uint64_t>(rank);
  const double weight = rank - static_cast<double>(low);
  const double lower = is_estimate() ? EstimateOf(low) : ExactOf(low);
  if (weight == 0) return lower;
  return lower * (1 - weight) + (is_estimate() ? EstimateOf(low + 1) : LeastBehind(low)) * weight;
}

// Of the numbers in order the one at `index`, which is then at its place, with no smaller one behind it.
double QuantileValues::ExactOf(uint64_t index) {
  const auto at = numbers_.begin() + static_cast<ptrdiff_t>(index);
  std::nth_element(numbers_.begin(), at, numbers_.end());
  return *at;
}

// The next in order. REQUIRES: ExactOf(index) was the last call.
double QuantileValues::LeastBehind(uint64_t index) const {
  return *std::min_element(numbers_.begin() + static_cast<ptrdiff_t>(index) + 1, numbers_.end());
}

// Of the numbers in order the one at `index`.
double QuantileValues::EstimateOf(uint64_t index) const {
  for (const Bucket& bucket : buckets_) {
    if (index >= bucket.count) {
      index -= bucket.count;
      continue;
    }
    if (index == 0 || bucket.min == bucket.max) return bucket.min;  // of infinities there is no middle
    if (index + 1 == bucket.count) return bucket.max;
    return bucket.min + (bucket.max - bucket.min) / 2;
  }
  return buckets_.back().max;
}

}  // namespace taffrail::query::exec
