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

absl::StatusOr<plan::Plan> ParseTail(std::string_view language, std::string_view text, int64_t now_ns) {
  TAFFRAIL_ASSIGN_OR_RETURN(plan::Plan parsed, query::lang::Parse(language, text, now_ns));
  // A tail shows records whole: which columns to choose of them at the end, and how many, does not matter.
  if (!parsed.stages.empty() && std::holds_alternative<plan::Project>(parsed.stages.back())) {
    parsed.stages.pop_back();
    const auto* const limit =
        parsed.stages.empty() ? nullptr : std::get_if<plan::Limit>(&parsed.stages.back());
    if (limit != nullptr) parsed.stages.pop_back();
  }
  plan::Plan tail;
  tail.source.order = plan::Order::kNone;  // as they come
  std::vector<expr::ExprPtr> conditions = {parsed.source.filter};
  for (plan::Stage& stage : parsed.stages) {
    const auto* const filter = std::get_if<plan::Filter>(&stage);
    if (filter != nullptr && tail.stages.empty()) {
      conditions.push_back(filter->condition);
      continue;
    }
    const bool of_each_line =
        filter != nullptr || std::holds_alternative<plan::ParseFields>(stage) ||
        std::holds_alternative<plan::Extend>(stage) || std::holds_alternative<plan::Rename>(stage) ||
        std::holds_alternative<plan::Select>(stage) || std::holds_alternative<plan::Mark>(stage) ||
        std::holds_alternative<plan::Unnest>(stage) || std::holds_alternative<plan::JqFilter>(stage);
    if (!of_each_line) {
      return absl::InvalidArgumentError(
          "a tail shows records as they come: its query can filter and change them one by one, not sort, "
          "count or leave out by what came before");
    }
    tail.stages.push_back(std::move(stage));
  }
  tail.source.filter = expr::And(std::move(conditions));
  return tail;
}

}  // namespace taffrail::server
