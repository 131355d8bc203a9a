// A whole answer: from a search to the JSON document that Elasticsearch's clients expect, and errors as they
// are told.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "elastic/hits.h"
#include "query/lang/elastic/search.h"

namespace taffrail::elastic {

struct AnswerOptions {
  expr::ExprPtr filter = expr::True();  // of the indices
  bool total_as_integer = false;        // rest_total_hits_as_int
  const uint64_t* total = nullptr;      // when it is known
  // Members before the others, with a comma after each: "_scroll_id", "pit_id".
  std::function<std::string(const Hits& hits)> first;
};

// {"took":…,"timed_out":false,"_shards":{…},"hits":{…},"aggregations":{…}}. `took_ms` is asked at the end.
absl::StatusOr<std::string> Answer(const query::lang::elastic::Search& search, const AnswerOptions& options,
                                   const RunPlan& run, const std::function<int64_t()>& took_ms);

// {"error":{"root_cause":[…],"type":…,"reason":…},"status":400}; `index`: the one the error is about, or
// empty.
std::string ErrorDocument(std::string_view type, std::string_view reason, int http_status,
                          std::string_view index = {});

}  // namespace taffrail::elastic
