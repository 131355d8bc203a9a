#include "query/exec/range.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace taffrail::query::exec {

using plan::RangeFunction;

namespace {

bool KeepsSamples(RangeFunction function) {
  return function == RangeFunction::kQuantile || function == RangeFunction::kCounterRate;
}

double Seconds(int64_t duration_ns) { return static_cast<double>(duration_ns) / 1e9; }

__extension__ using Wide = __int128;  // sums of two times fit

// floor(a / b) for b > 0.
Wide FloorDivide(Wide a, int64_t b) {
  const Wide quotient = a / b;
  return quotient - (a % b < 0 ? 1 : 0);
}

}  // namespace

bool PaneOf(const plan::RangeAggregate& range, int64_t time_ns, PaneKey& key) {
  // A point t sees (t - offset - range, t - offset]: of an entry at `time` those with t - offset in
  // [time, time + range). In 128 bits, since offsets come from outside.
  const Wide from = static_cast<Wide>(time_ns) + range.offset_ns - range.grid.from_ns;
  const Wide first = -FloorDivide(-from, range.grid.step_ns);
  const Wide last = FloorDivide(from + range.range_ns - 1, range.grid.step_ns);
  const auto points = static_cast<Wide>(range.grid.points());
  if (last < 0 || first >= points || first > last) return false;
  key.first = static_cast<uint32_t>(std::max<Wide>(first, 0));
  key.last = static_cast<uint32_t>(std::min<Wide>(last, points - 1));
  return true;
}

size_t Accumulator::Add(RangeFunction function, int64_t time_ns, double value) {
  if (count_ == 0 || value < min_ || std::isnan(min_)) min_ = value;
  if (count_ == 0 || value > max_ || std::isnan(max_)) max_ = value;
  if (count_ == 0 || time_ns < first_ns_) {
    first_ns_ = time_ns;
    first_ = value;
  }
  if (count_ == 0 || time_ns >= last_ns_) {
    last_ns_ = time_ns;
    last_ = value;
  }
  ++count_;
  sum_ += value;
  const double distance = value - mean_;
  mean_ += distance / static_cast<double>(count_);
  squares_ += distance * (value - mean_);
  if (!KeepsSamples(function)) return 0;
  const size_t before = samples_.capacity();
  samples_.emplace_back(time_ns, value);
  return (samples_.capacity() - before) * sizeof(samples_[0]);
}

void Accumulator::Merge(RangeFunction function, const Accumulator& other) {
  if (other.count_ == 0) return;
  if (count_ == 0) {
    *this = other;
    return;
  }
  if (other.min_ < min_ || std::isnan(min_)) min_ = other.min_;
  if (other.max_ > max_ || std::isnan(max_)) max_ = other.max_;
  if (other.first_ns_ < first_ns_) {
    first_ns_ = other.first_ns_;
    first_ = other.first_;
  }
  if (other.last_ns_ >= last_ns_) {
    last_ns_ = other.last_ns_;
    last_ = other.last_;
  }
  const auto mine = static_cast<double>(count_);
  const auto theirs = static_cast<double>(other.count_);
  const double distance = other.mean_ - mean_;
  mean_ += distance * theirs / (mine + theirs);
  squares_ += other.squares_ + distance * distance * mine * theirs / (mine + theirs);
  count_ += other.count_;
  sum_ += other.sum_;
  if (KeepsSamples(function)) samples_.insert(samples_.end(), other.samples_.begin(), other.samples_.end());
}

double Accumulator::Result(const plan::RangeAggregate& range, int64_t end_ns) {
  switch (range.function) {
    case RangeFunction::kCount:
      return static_cast<double>(count_);
    case RangeFunction::kRate:
      return static_cast<double>(count_) / Seconds(range.range_ns);
    case RangeFunction::kBytes:
    case RangeFunction::kSum:
      return sum_;
    case RangeFunction::kBytesRate:
    case RangeFunction::kSumRate:
      return sum_ / Seconds(range.range_ns);
    case RangeFunction::kAvg:
      return sum_ / static_cast<double>(count_);
    case RangeFunction::kMin:
      return min_;
    case RangeFunction::kMax:
      return max_;
    case RangeFunction::kFirst:
      return first_;
    case RangeFunction::kLast:
      return last_;
    case RangeFunction::kStdvar:
      return squares_ / static_cast<double>(count_);
    case RangeFunction::kStddev:
      return std::sqrt(squares_ / static_cast<double>(count_));
    case RangeFunction::kQuantile:
      return Quantile(range.quantile);
    case RangeFunction::kCounterRate:
      return CounterRate(range, end_ns);
    case RangeFunction::kAbsent:
      return 1;
  }
  return 0;
}

// Between the two nearest ranks, as Prometheus does.
double Accumulator::Quantile(double quantile) {
  if (std::isnan(quantile)) return quantile;
  if (quantile < 0) return -std::numeric_limits<double>::infinity();
  if (quantile > 1) return std::numeric_limits<double>::infinity();
  std::sort(samples_.begin(), samples_.end(),
            [](const auto& a, const auto& b) { return a.second < b.second; });
  const double rank = quantile * static_cast<double>(samples_.size() - 1);
  const auto low = static_cast<size_t>(std::floor(rank));
  const size_t high = std::min(low + 1, samples_.size() - 1);
  const double weight = rank - std::floor(rank);
  return samples_[low].second * (1 - weight) + samples_[high].second * weight;
}

// A counter's increase a second, over its resets, extended to the window's ends as Prometheus does: as far as
// half the usual distance between samples, or to the end when a sample lies near it, but not below zero.
double Accumulator::CounterRate(const plan::RangeAggregate& range, int64_t end_ns) {
  if (samples_.size() < 2) return 0;
  std::stable_sort(samples_.begin(), samples_.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  double increase = samples_.back().second - samples_.front().second;
  for (size_t i = 1; i < samples_.size(); ++i) {
    if (samples_[i].second < samples_[i - 1].second) increase += samples_[i - 1].second;
  }
  const double sampled = Seconds(samples_.back().first - samples_.front().first);
  if (sampled <= 0) return 0;
  const double between = sampled / static_cast<double>(samples_.size() - 1);
  double to_start = Seconds(samples_.front().first - (end_ns - range.range_ns));
  const double to_end = Seconds(end_ns - samples_.back().first);
  if (increase > 0 && samples_.front().second >= 0) {
    to_start = std::min(to_start, sampled * (samples_.front().second / increase));
  }
  const double near = between * 1.1;
  const double extended =
      sampled + (to_start < near ? to_start : between / 2) + (to_end < near ? to_end : between / 2);
  return increase * (extended / sampled) / Seconds(range.range_ns);
}

}  // namespace taffrail::query::exec
