// The body of a search: what is asked for, and the plan of its hits.
//
//   {"query":{…},"from":0,"size":10,"sort":[{"@timestamp":"desc"}],"_source":["level"],"aggs":{…}, …}
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "expr/expr.h"
#include "query/lang/elastic/aggs.h"
#include "query/plan/plan.h"

namespace taffrail::query::lang::elastic {

// Elasticsearch's index.max_result_window and its track_total_hits by default: clients know both.
inline constexpr uint64_t kMaxWindow = 10'000;
inline constexpr uint64_t kUsualTotal = 10'000;

struct SortBy {
  Field field;
  bool descending = false;
  bool is_score = false;  // every document has the same
  std::string format;     // of times
};

struct WantedField {
  std::string pattern;  // with "*"
  std::string format;
};

struct Search {
  expr::ExprPtr filter = expr::True();
  expr::ExprPtr post_filter = expr::True();  // of the hits alone
  uint64_t from = 0;
  uint64_t size = 10;
  std::vector<SortBy> sort;  // empty: as they arrived
  size_t hidden_keys = 0;    // the last of them, which a scroll needs and does not show
  std::optional<std::vector<Json>> after;
  std::optional<uint64_t> count_up_to = kUsualTotal;  // 0: no total; nothing: exact
  int64_t timeout_ns = 0;

  bool has_source = true;
  std::vector<std::string> includes;
  std::vector<std::string> excludes;
  std::vector<WantedField> fields;           // fields and docvalue_fields
  std::vector<std::string> highlight;        // fields to mark matches in
  std::vector<std::string> highlight_words;  // what the query looks for
  std::string pre_tag = "<em>";
  std::string post_tag = "</em>";
  bool has_version = false;
  bool has_sequence = false;  // seq_no_primary_term

  std::optional<std::string> pit;
  std::string pit_keep_alive;
  std::vector<Aggregation> aggregations;
};

absl::StatusOr<Search> ParseSearch(std::string_view body, int64_t now_ns);
absl::StatusOr<Search> ReadSearch(Context& context, const Json& body);
// "field", {"field":"desc"}, and arrays of them.
absl::StatusOr<std::vector<SortBy>> ParseSort(const Context& context, const Json& sort);
// FIELD or FIELD:desc with commas between, as in the URL.
std::vector<SortBy> ParseSortText(std::string_view text);

// InvalidArgument in Elasticsearch's words, when the window is too large or its parts do not go together.
absl::Status Check(const Search& search);

// The hits: filter, order, place. `limit`: of the rows beyond `from`.
absl::StatusOr<plan::Plan> PlanOf(const Search& search, uint64_t limit);

// For clients that want one plan: the hits of a body. A body with aggregations is refused.
absl::StatusOr<plan::Plan> Parse(std::string_view body, int64_t now_ns);

}  // namespace taffrail::query::lang::elastic
