// Sums that do not depend on the order of their terms, so that threads may add them up in any.
//
// Integers and decimals of up to nine places, nearly all numbers that logs have, are added as integers of
// 10^-9. Others are kept as a few doubles whose sum is exact (Shewchuk's expansion), and rounded once at the
// end.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "expr/number.h"

namespace taffrail::query::exec {

class ExactSum {
 public:
  void Add(int64_t mantissa, int scale) {
    if (scale > kPlaces) return Add(expr::DecimalToDouble(mantissa, scale));
    billionths_ += Wide{mantissa} * kPowers[static_cast<size_t>(kPlaces - scale)];
    ++count_;
    is_whole_ = is_whole_ && scale == 0;
  }
  void Add(double value) {
    ++count_;
    is_whole_ = false;
    if (rest_ == nullptr) rest_ = std::make_unique<Rest>();
    rest_->Add(value);
  }
  void Merge(const ExactSum& other) {
    billionths_ += other.billionths_;
    count_ += other.count_;
    is_whole_ = is_whole_ && other.is_whole_;
    if (other.rest_ == nullptr) return;
    if (rest_ == nullptr) rest_ = std::make_unique<Rest>();
    for (const double part : other.rest_->parts) rest_->Add(part);
    rest_->special += other.rest_->special;
  }

  int64_t count() const { return count_; }
  // All terms were integers, and their sum is one of 64 bits.
  bool IsInteger() const {
    return is_whole_ && billionths_ >= Wide{INT64_MIN} * kUnit && billionths_ <= Wide{INT64_MAX} * kUnit;
  }
  int64_t Integer() const { return static_cast<int64_t>(billionths_ / kUnit); }
  double Double() const {
    const Wide units = billionths_ / kUnit;  // the rest is the fraction
    const auto whole = static_cast<double>(units);
    const double fraction = static_cast<double>(billionths_ % kUnit) / static_cast<double>(kUnit);
    if (rest_ == nullptr) return whole + fraction;
    Rest all = *rest_;
    all.Add(whole);
    all.Add(fraction);
    return all.Sum();
  }

 private:
  __extension__ using Wide = __int128;
  static constexpr int kPlaces = 9;  // 2^33 of the largest terms fit, more rows than a query reads
  static constexpr int64_t kUnit = 1'000'000'000;
  static constexpr std::array<int64_t, kPlaces + 1> kPowers = {
      1, 10, 100, 1000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000, kUnit};

  struct Rest {
    std::vector<double> parts;  // of rising magnitude, none overlapping another
    double special = 0;         // infinities and NaN, which no expansion holds

    void Add(double value) {
      if (!std::isfinite(value)) {
        special += value;
        return;
      }
      size_t kept = 0;
      for (double part : parts) {
        if (std::abs(value) < std::abs(part)) std::swap(value, part);
        const double sum = value + part;
        const double lost = part - (sum - value);
        if (lost != 0) parts[kept++] = lost;
        value = sum;
      }
      parts.resize(kept);
      parts.push_back(value);
    }
    double Sum() const {
      double sum = special;
      for (const double part : parts) sum += part;  // small ones first: rounds once, but for ties
      return sum;
    }
  };

  Wide billionths_ = 0;
  int64_t count_ = 0;
  bool is_whole_ = true;
  std::unique_ptr<Rest> rest_;
};

}  // namespace taffrail::query::exec
