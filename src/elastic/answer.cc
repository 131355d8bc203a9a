#include "elastic/answer.h"

#include "elastic/aggregate.h"
#include "fmt/format.h"
#include "record/json_writer.h"

namespace taffrail::elastic {

namespace lang = query::lang::elastic;

absl::StatusOr<std::string> Answer(const lang::Search& search, const AnswerOptions& options,
                                   const RunPlan& run, const std::function<int64_t()>& took_ms) {
  TAFFRAIL_RETURN_IF_ERROR(lang::Check(search));
  TAFFRAIL_ASSIGN_OR_RETURN(const Hits hits,
                            HitsOf(search, options.filter, options.total, options.total_as_integer, run));
  std::string aggregations;
  if (!search.aggregations.empty()) {
    TAFFRAIL_ASSIGN_OR_RETURN(
        aggregations, Aggregate(search.aggregations, expr::And({options.filter, search.filter}), run));
  }
  std::string out = options.first ? "{" + options.first(hits) : "{";
  out += fmt::format("\"took\":{},\"timed_out\":false,", took_ms());
  out += "\"_shards\":{\"total\":1,\"successful\":1,\"skipped\":0,\"failed\":0},\"hits\":" + hits.json;
  if (!aggregations.empty()) out += ",\"aggregations\":" + aggregations;
  return out + "}";
}

std::string ErrorDocument(std::string_view type, std::string_view reason, int http_status,
                          std::string_view index) {
  std::string cause = "\"type\":";
  record::AppendJsonString(type, cause);
  cause += ",\"reason\":";
  record::AppendJsonString(reason, cause);
  if (!index.empty()) {
    for (const std::string_view name : {"resource.type", "resource.id", "index_uuid", "index"}) {
      cause += fmt::format(",\"{}\":", name);
      const std::string_view value = name == "resource.type" ? "index_or_alias"
                                     : name == "index_uuid"  ? "_na_"
                                                             : index;
      record::AppendJsonString(value, cause);
    }
  }
  return fmt::format("{{\"error\":{{\"root_cause\":[{{{}}}],{}}},\"status\":{}}}", cause, cause, http_status);
}

}  // namespace taffrail::elastic
