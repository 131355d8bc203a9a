#include "query/lang/search/search.h"

#include <utility>

#include "query/lang/search/cursor.h"
#include "query/lang/search/filter_parser.h"
#include "query/lang/search/stages.h"
#include "query/lang/search/term.h"

namespace taffrail::query::lang::search {

absl::StatusOr<plan::Plan> Parse(std::string_view text, int64_t now_ns) {
  Cursor cursor{text};
  plan::Plan plan;
  TAFFRAIL_ASSIGN_OR_RETURN(plan.source.filter, ParseFilter(cursor, TermBuilder(now_ns)));
  while (!cursor.AtEnd()) {
    const size_t begin = cursor.at;
    if (plan.stages.size() == plan::kMaxStages) return cursor.Error("this query has too many stages");
    TAFFRAIL_ASSIGN_OR_RETURN(plan::Stage stage, ParseStage(cursor, !plan::ColumnsOf(plan).empty(), now_ns));
    plan.stages.push_back(std::move(stage));
    const absl::Status status = plan::Verify(plan);
    if (!status.ok()) return cursor.ErrorAt(begin, std::string(status.message()));
  }
  return plan;
}

}  // namespace taffrail::query::lang::search
