// /loki/api/v1/query, query_range and format_query.
#include <string>
#include <utility>
#include <vector>

#include "record/json_writer.h"
#include "server/loki_answer.h"
#include "server/loki_handler.h"
#include "server/routes.h"

namespace taffrail::server {
namespace {

namespace logql = query::lang::logql;
namespace plan = query::plan;

constexpr int64_t kHourNs = 3'600'000'000'000;

// Loki's range is [start, end); end itself is in it when both are the same moment.
plan::TimeRange RangeOf(const LokiRequest::Range& range) {
  const bool moment = range.start_ns == range.end_ns;
  return {range.start_ns, moment && range.end_ns != INT64_MAX ? range.end_ns + 1 : range.end_ns};
}

absl::StatusOr<std::string> RunRange(const LokiCall& call) {
  const LokiRequest& loki = call.loki;
  const std::string text = loki.Text("query");
  TAFFRAIL_ASSIGN_OR_RETURN(const LokiRequest::Range range, loki.TimeRange(kHourNs));
  TAFFRAIL_ASSIGN_OR_RETURN(const int64_t step_ns, loki.Step(range));
  const logql::QueryOptions options{
      .now_ns = loki.now_ns(), .grid = {range.start_ns, range.end_ns, step_ns}, .entries = true};
  if (options.grid.points() > plan::kMaxGridPoints) {
    TAFFRAIL_ASSIGN_OR_RETURN(const logql::Query probe, ParseLoki(text, {.grid = {0, 0, 1}}));
    if (probe.is_metric) {
      return absl::InvalidArgumentError(
          "exceeded maximum resolution of 11,000 points per time series. Try increasing the value of the "
          "step "
          "parameter");
    }
  }
  TAFFRAIL_ASSIGN_OR_RETURN(logql::Query query, ParseLoki(text, options));
  LokiAnswer answer(LokiAnswer::Shape::kRange, loki.categorizes_labels());
  answer.SetWaited(call.request.waited_ns);
  if (!query.is_metric) {
    TAFFRAIL_ASSIGN_OR_RETURN(const bool forward, loki.Forward());
    TAFFRAIL_ASSIGN_OR_RETURN(const uint64_t limit, loki.Limit());
    query.plan.source.range = RangeOf(range);
    query.plan.source.order = forward ? plan::Order::kAscending : plan::Order::kDescending;
    TAFFRAIL_ASSIGN_OR_RETURN(const int64_t interval_ns, loki.Duration("interval", 0));
    if (interval_ns < 0) return absl::InvalidArgumentError("interval must be >= 0");
    if (interval_ns > 0) {
      answer.Thin(interval_ns, limit);
    } else {
      query.plan.stages.emplace_back(plan::Limit{.count = limit});
    }
  }
  query::exec::ExecStats stats;
  TAFFRAIL_RETURN_IF_ERROR(RunForClient(call.app, call.responder, query.plan, answer, stats));
  return answer.ToJson(stats, WarningsOn(call.app, call.responder, query.plan, stats, answer.entries() == 0));
}

absl::StatusOr<std::string> RunInstant(const LokiCall& call) {
  const LokiRequest& loki = call.loki;
  const std::string text = loki.Text("query");
  TAFFRAIL_ASSIGN_OR_RETURN(const int64_t time_ns, loki.Time("time", loki.now_ns()));
  TAFFRAIL_ASSIGN_OR_RETURN(const logql::Query query,
                            ParseLoki(text, {.now_ns = loki.now_ns(), .grid = {time_ns, time_ns, 1}}));
  if (!query.is_metric) {
    return absl::InvalidArgumentError(
        "log queries are not supported as an instant query type, please change your query to a range query "
        "type");
  }
  LokiAnswer answer(LokiAnswer::Shape::kInstant, loki.categorizes_labels());
  answer.SetWaited(call.request.waited_ns);
  query::exec::ExecStats stats;
  std::vector<std::string> warnings;
  if (query.scalar) {
    answer.SetScalar(time_ns, *query.scalar);
  } else {
    TAFFRAIL_RETURN_IF_ERROR(RunForClient(call.app, call.responder, query.plan, answer, stats));
    warnings = WarningsOn(call.app, call.responder, query.plan, stats, answer.entries() == 0);
  }
  return answer.ToJson(stats, warnings);
}

absl::StatusOr<std::string> RunFormat(const LokiCall& call) {
  const std::string text = call.loki.Text("query");
  const auto formatted = logql::Format(text);
  if (!formatted.ok()) return LokiParseError(text, formatted.status());
  std::string out = "{\"status\":\"success\",\"data\":";
  record::AppendJsonString(*formatted, out);
  return out + "}\n";
}

}  // namespace

void AddLokiQueryRoutes(net::Router& router, App& app) {
  AddLokiRoute(router, app, "/loki/api/v1/query", RunInstant);
  AddLokiRoute(router, app, "/loki/api/v1/query_range", RunRange);
  AddLokiRoute(router, app, "/loki/api/v1/format_query", RunFormat);
}

}  // namespace taffrail::server
