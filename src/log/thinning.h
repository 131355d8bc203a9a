// Leaves out lines on purpose, by the rules of taffrail/sampling.h: before a line is rendered, on the
// backend.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "layout/line.h"
#include "taffrail/sampling.h"

namespace taffrail {
struct Config;
}

namespace taffrail::log {

struct ThinningCounts {
  uint64_t sampled_out = 0;
  uint64_t rate_limited = 0;
  uint64_t aggregated = 0;  // beyond the lines that stand for them
};

// Not thread-safe. Times are those of the lines.
class Thinning {
 public:
  using Emit = std::function<void(const layout::Line&)>;

  explicit Thinning(const Config& config);
  ~Thinning();
  Thinning(const Thinning&) = delete;
  Thinning& operator=(const Thinning&) = delete;

  bool active() const { return !sampling_.empty() || !rates_.empty() || !aggregates_.empty(); }
  // Whether the line is to be written. What must come before it is emitted: how many others there were.
  bool Pass(const layout::Line& line, const Emit& emit);
  // Emits what is due: aggregates whose window has ended, and counts of rate-limited lines after which no
  // other came. With `all`, whatever is held back.
  void EmitDue(int64_t now_ns, bool all, const Emit& emit);

  ThinningCounts counts() const { return counts_; }

 private:
  struct SiteKey {
    const detail::CallSite* site;
    const detail::LoggerNode* logger;
    Level level;
    bool operator==(const SiteKey&) const = default;
    template <typename H>
    friend H AbslHashValue(H h, const SiteKey& key) {
      return H::combine(std::move(h), key.site, key.logger, static_cast<uint8_t>(key.level));
    }
  };
  struct Bucket;     // of a rate rule and a call site
  struct Aggregate;  // of an aggregate rule and a call site

  bool PassesSampling(const layout::Line& line);
  bool PassesRate(const layout::Line& line, const Emit& emit);
  bool TakenByAggregate(const layout::Line& line, const Emit& emit);
  static void EmitSuppressed(Bucket& bucket, int64_t now_ns, const Emit& emit);
  static void EmitAggregate(Aggregate& aggregate, const Emit& emit);

  std::vector<SampleRule> sampling_;
  std::vector<RateRule> rates_;
  std::vector<AggregateRule> aggregates_;
  absl::flat_hash_map<SiteKey, std::unique_ptr<Bucket>> buckets_;
  absl::flat_hash_map<SiteKey, std::unique_ptr<Aggregate>> held_;
  uint64_t random_state_;
  ThinningCounts counts_;
};

}  // namespace taffrail::log
