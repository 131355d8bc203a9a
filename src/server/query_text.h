// What the server needs of a query beside its plan.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/status.h"
#include "expr/expr.h"
#include "query/plan/plan.h"

namespace taffrail::server {

// Which records a query looks at, whatever it then makes of them: its range, and the conditions before its
// first table. For counting what a search finds.
struct RecordsQuery {
  query::plan::TimeRange range;
  expr::ExprPtr filter;
};
absl::StatusOr<RecordsQuery> ParseRecords(std::string_view language, std::string_view text, int64_t now_ns);

// For tails: what to let through as `source.filter`, and the stages that then look inside each line, if any:
// a parser, jq, a condition on what they made. InvalidArgument when the query does more than filter and
// change lines one by one.
absl::StatusOr<query::plan::Plan> ParseTail(std::string_view language, std::string_view text, int64_t now_ns);

}  // namespace taffrail::server
