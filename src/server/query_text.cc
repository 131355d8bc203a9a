#include "server/query_text.h"

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "fmt/format.h"
#include "query/lang/elastic/search.h"
#include "query/lang/logql/logql.h"
#include "query/lang/search/search.h"

namespace taffrail::server {

namespace plan = query::plan;

absl::StatusOr<plan::Plan> ParseQuery(std::string_view language, std::string_view text, int64_t now_ns) {
  if (language == "search") return query::lang::search::Parse(text, now_ns);
  if (language == "logql") return query::lang::logql::Parse(text, now_ns);
  if (language == "elastic") return query::lang::elastic::Parse(text, now_ns);
  return absl::InvalidArgumentError(fmt::format("there is no query language \"{}\"", language));
}

absl::StatusOr<RecordsQuery> ParseRecords(std::string_view language, std::string_view text, int64_t now_ns) {
  TAFFRAIL_ASSIGN_OR_RETURN(const plan::Plan parsed, ParseQuery(language, text, now_ns));
  std::vector<expr::ExprPtr> conditions = {parsed.source.filter};
  for (const plan::Stage& stage : parsed.stages) {
    const auto* const filter = std::get_if<plan::Filter>(&stage);
    if (filter == nullptr) break;
    conditions.push_back(filter->condition);
  }
  return RecordsQuery{.range = parsed.source.range, .filter = expr::And(std::move(conditions))};
}

absl::StatusOr<expr::ExprPtr> ParseFilter(std::string_view language, std::string_view text, int64_t now_ns) {
  TAFFRAIL_ASSIGN_OR_RETURN(const plan::Plan parsed, ParseQuery(language, text, now_ns));
  std::vector<expr::ExprPtr> conditions = {parsed.source.filter};
  for (const plan::Stage& stage : parsed.stages) {
    const auto* const filter = std::get_if<plan::Filter>(&stage);
    if (filter == nullptr) {
      return absl::InvalidArgumentError("a tail shows records as they come: its query can only filter them");
    }
    conditions.push_back(filter->condition);
  }
  return expr::And(std::move(conditions));
}

}  // namespace taffrail::server
