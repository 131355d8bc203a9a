// Any body gives a search or an error of Elasticsearch's kind, in bounded time, and so does any query string;
// the plans that come of them print and read back, and their conditions compile or name a bad pattern.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "query/lang/elastic/index.h"
#include "query/lang/elastic/json.h"
#include "query/lang/elastic/query_string.h"
#include "query/lang/elastic/search.h"
#include "query/plan/check_plan.h"

namespace {

using namespace taffrail::query;

void CheckFilter(const absl::StatusOr<taffrail::expr::ExprPtr>& filter) {
  if (!filter.ok()) {
    if (filter.status().code() != absl::StatusCode::kInvalidArgument) std::abort();
    return;
  }
  plan::Plan parsed;
  parsed.source.filter = *filter;
  plan::CheckPlan(parsed, plan::Patterns::kUnchecked);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  constexpr int64_t kNowNs = 1'761'832'800'000'000'000;
  const auto search = lang::elastic::ParseSearch(text, kNowNs);
  if (!search.ok() && search.status().code() != absl::StatusCode::kInvalidArgument) std::abort();
  if (search.ok() && lang::elastic::Check(*search).ok()) {
    const auto parsed = lang::elastic::PlanOf(*search, search->size);
    if (parsed.ok()) plan::CheckPlan(*parsed, plan::Patterns::kUnchecked);
  }
  if (const auto json = lang::elastic::ParseJson(text); json.ok()) {
    std::string printed;
    lang::elastic::AppendJson(*json, printed);
    std::string twice;
    const auto again = lang::elastic::ParseJson(printed);
    if (!again.ok()) std::abort();
    lang::elastic::AppendJson(*again, twice);
    if (printed != twice) std::abort();
  }
  for (const bool is_simple : {false, true}) {
    CheckFilter(lang::elastic::ParseQueryString(text, {.now_ns = kNowNs, .is_simple = is_simple}));
  }
  if (const auto indices = lang::elastic::SelectIndices(text); indices.ok()) CheckFilter(indices->filter);
  return 0;
}
