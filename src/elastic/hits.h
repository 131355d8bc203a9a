// The hits of a search, as Elasticsearch writes them.
//
//   {"_index":"api-error-2025.10.30","_id":"…","_score":1.0,"_source":{…},"fields":{…},"sort":[…]}
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/status.h"
#include "elastic/document.h"
#include "query/exec/executor.h"
#include "query/lang/elastic/search.h"
#include "query/plan/plan.h"

namespace taffrail::elastic {

// Runs a plan over whatever holds the records, within the caller's limits.
using RunPlan = std::function<absl::Status(const query::plan::Plan& plan, query::exec::ResultSink& sink)>;

// Collects records as hits.
class HitWriter final : public query::exec::ResultSink {
 public:
  explicit HitWriter(const query::lang::elastic::Search& search) : search_(search) {}
  bool OnColumns(const std::vector<std::string>&) override { return true; }
  bool OnRow(const std::vector<expr::Value>&) override { return false; }
  bool OnRecord(const query::exec::LogRow& row) override;

  const std::string& json() const { return json_; }  // the hits with commas between
  uint64_t count() const { return count_; }
  bool is_sorted() const { return search_.sort.size() > search_.hidden_keys; }
  const std::string& last_sort() const { return last_sort_; }  // the last hit's values, as a JSON array
  bool is_too_large() const { return is_too_large_; }

 private:
  std::string SortOf(const Document& document, size_t keys) const;
  void AppendFields(const Document& document);
  void AppendHighlight(const Document& document);

  // An answer is built in memory: 10 000 usual lines are some MiB, this is for very long ones.
  static constexpr size_t kMaxBytes = size_t{256} << 20;

  const query::lang::elastic::Search& search_;
  std::string json_;
  std::string last_sort_;
  uint64_t count_ = 0;
  bool is_too_large_ = false;
};

// {"total":{…},"max_score":…,"hits":[…]}; runs what the search's hits take. `filter`: beside the search's
// own. `total`: known already, else the matches are counted as far as the search wants.
struct Hits {
  std::string json;
  std::string last_sort;  // of the last hit; empty: there is none, or no sort
  uint64_t count = 0;
  uint64_t total = 0;
};
absl::StatusOr<Hits> HitsOf(const query::lang::elastic::Search& search, const expr::ExprPtr& filter,
                            const uint64_t* total, bool total_as_integer, const RunPlan& run);

// How many records match, at most `up_to` (nothing: all).
absl::StatusOr<uint64_t> CountOf(const expr::ExprPtr& filter, std::optional<uint64_t> up_to,
                                 const RunPlan& run);

}  // namespace taffrail::elastic
