// The aggregations of a search, as a tree.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/calendar.h"
#include "base/status.h"
#include "expr/expr.h"
#include "query/lang/elastic/context.h"
#include "query/lang/elastic/fields.h"

namespace taffrail::query::lang::elastic {

struct Search;

struct Aggregation {
  enum class Kind : uint8_t {
    // With buckets:
    kTerms,
    kDateHistogram,
    kHistogram,
    kRange,  // numbers
    kDateRange,
    kFilter,
    kFilters,
    kMissing,
    kComposite,
    // Metrics:
    kAvg,
    kMin,
    kMax,
    kSum,
    kValueCount,
    kCardinality,
    kStats,
    kExtendedStats,
    kPercentiles,
    kTopHits,
  };
  struct Order {
    std::string path;  // "_count", "_key", or a metric: "avg_took", "took_stats.max", "p[99]"
    bool descending = false;
  };
  // A bucket that a condition makes.
  struct Named {
    std::string key;
    expr::ExprPtr filter;
    std::optional<double> from;  // ranges: as they are answered; of dates in ms
    std::optional<double> to;
  };

  std::string name;
  Kind kind = Kind::kTerms;
  Field field;
  std::string format;           // of dates
  std::string meta;             // JSON to give back; empty: none
  std::optional<Json> missing;  // the value of documents that have none

  uint64_t size = 10;  // kTerms, kComposite
  uint64_t min_doc_count = 1;
  std::vector<Order> order;           // kTerms, histograms
  expr::ExprPtr only = expr::True();  // kTerms: include and exclude

  base::Interval interval;  // kDateHistogram
  bool has_zone = false;
  double width = 0;  // kHistogram
  double offset = 0;
  std::optional<double> least;  // extended bounds; of dates in ms
  std::optional<double> most;
  bool has_hard_bounds = false;  // the bounds cut instead

  bool keyed = false;
  std::vector<Named> buckets;  // kRange, kDateRange, kFilter, kFilters, kMissing

  std::vector<Aggregation> sources;  // kComposite: kTerms, kDateHistogram and kHistogram
  std::vector<bool> descending;      // … of each
  std::vector<bool> missing_bucket;  // … of each: documents without a value are in one
  std::optional<Json> after;

  std::vector<double> percents;        // kPercentiles
  double sigma = 2;                    // kExtendedStats
  std::shared_ptr<const Search> hits;  // kTopHits
  std::vector<Aggregation> children;

  bool IsMetric() const { return kind >= Kind::kAvg; }
};

// Deeper than any dashboard; each level is a scan of its own.
inline constexpr int kMaxAggregationDepth = 8;
inline constexpr size_t kMaxAggregations = 200;  // of one search

absl::StatusOr<std::vector<Aggregation>> ParseAggregations(Context& context, const Json& aggs);

}  // namespace taffrail::query::lang::elastic
