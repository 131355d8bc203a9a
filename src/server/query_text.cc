#include "server/query_text.h"

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "query/lang/language.h"

namespace taffrail::server {

namespace plan = query::plan;

absl::StatusOr<RecordsQuery> ParseRecords(std::string_view language, std::string_view text, int64_t now_ns) {
  TAFFRAIL_ASSIGN_OR_RETURN(const plan::Plan parsed, query::lang::Parse(language, text, now_ns));
  std::vector<expr::ExprPtr> conditions = {parsed.source.filter};
  for (const plan::Stage& stage : parsed.stages) {
    const auto* const filter = std::get_if<plan::Filter>(&stage);
    if (filter == nullptr) break;
    conditions.push_back(filter->condition);
  }
  return RecordsQuery{.range = parsed.source.range, .filter = expr::And(std::move(conditions))};
}

absl::StatusOr<expr::ExprPtr> ParseFilter(std::string_view language, std::string_view text, int64_t now_ns) {
  TAFFRAIL_ASSIGN_OR_RETURN(const plan::Plan parsed, query::lang::Parse(language, text, now_ns));
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
