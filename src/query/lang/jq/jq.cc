#include "query/lang/jq/jq.h"

#include <string>

#include "query/lang/jq/pushdown.h"

namespace taffrail::query::lang::jq {

absl::StatusOr<plan::Plan> Parse(std::string_view text, int64_t /*now_ns*/) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return absl::InvalidArgumentError("a jq filter is missing, at column 1; . gives every line as it is");
  }
  plan::Plan plan;
  plan.stages.emplace_back(plan::JqFilter{std::string(text)});
  TAFFRAIL_RETURN_IF_ERROR(plan::Verify(plan));
  plan.source.filter = ConditionAheadOf(text);
  return plan;
}

}  // namespace taffrail::query::lang::jq
