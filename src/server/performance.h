// How requests perform, from the lines that state a duration: what /api/v1/logs/performance answers.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/hash.h"
#include "expr/expr.h"
#include "expr/matcher.h"
#include "record/batch.h"

namespace taffrail::server {

// Counts of durations in buckets that grow by 4.4 %, so that a percentile is told within 2.2 %, in constant
// memory.
class DurationHistogram {
 public:
  void Add(double duration_ms);
  uint64_t count() const { return count_; }
  double MeanMs() const { return count_ == 0 ? 0 : sum_ms_ / static_cast<double>(count_); }
  double MaxMs() const { return max_ms_; }
  double QuantileMs(double quantile) const;

 private:
  static constexpr int kPerOctave = 16;
  static constexpr int kOctaves = 32;  // from 1 us to over an hour
  std::array<uint32_t, kPerOctave * kOctaves> counts_{};
  uint64_t count_ = 0;
  double sum_ms_ = 0;
  double max_ms_ = 0;
};

class Performance {
 public:
  explicit Performance(size_t slowest) : slowest_wanted_(slowest) {}

  // Of which records: those with a duration, of which it can be told what took that long (a path and a
  // status).
  static expr::ExprPtr Filter();
  void Add(const record::RecordBatch& batch, const expr::Selection& rows);
  // The members of a JSON object, without its braces.
  void AppendJson(size_t paths, std::string& out) const;

 private:
  struct Path {
    DurationHistogram durations;
    uint64_t errors = 0;
  };
  struct Slow {
    double duration_ms;
    std::string record;  // JSON
    friend bool operator<(const Slow& a, const Slow& b) {
      return a.duration_ms > b.duration_ms;
    }  // a min-heap
  };
  // Each takes 2 KiB. Raw paths with ids in them are without end; the rest is counted as one.
  static constexpr size_t kMaxPaths = 1000;

  Path& PathCount(const std::string& name);

  const size_t slowest_wanted_;
  Path all_;
  std::array<uint64_t, 4> tiers_{};
  absl::flat_hash_map<std::string, Path, base::StringHash, std::equal_to<>> paths_;
  Path other_paths_;
  std::vector<Slow> slowest_;
};

}  // namespace taffrail::server
