// The query of a search: Elasticsearch's query DSL → a condition. docs/elasticsearch.md lists what is there.
//
// Scores are not computed: must and filter are the same, and what only should match does not order anything.
#pragma once

#include "base/status.h"
#include "expr/expr.h"
#include "query/lang/elastic/context.h"

namespace taffrail::query::lang::elastic {

// {"term":{…}} and the like. Errors are marked with Elasticsearch's type and begin with [line:column].
absl::StatusOr<expr::ExprPtr> ParseQueryDsl(Context& context, const Json& query);

}  // namespace taffrail::query::lang::elastic
