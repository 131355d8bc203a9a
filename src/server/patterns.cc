// GET /api/v1/patterns: the templates that the lines of a search were made from, with counts over time, and
// which of them are new or have come more often than they used to (pattern_report.h).
#include "server/patterns.h"

#include <algorithm>
#include <string>

#include "engine/embedded/embedded_engine.h"
#include "query/lang/language.h"
#include "server/params.h"
#include "server/pattern_report.h"
#include "server/query_text.h"
#include "server/routes.h"
#include "server/scan.h"

namespace taffrail::server {
namespace {

using net::HttpRequest;
using net::HttpResponder;

struct PatternsRequest {
  PatternQuery query;
  PatternReport report;
};

absl::StatusOr<PatternsRequest> ReadRequest(const App& app, const HttpRequest& request) {
  const int64_t now_ns = app.env.NowNs();
  Params params(request.query, now_ns);
  PatternsRequest patterns;
  const std::string text = params.Text("query", "*");
  const std::string language = params.Choice("lang", query::lang::LanguageNames());
  const store::TimeRange range = params.Range();
  const bool asks_new = request.query.Has("new_since");
  const int64_t new_since_ns = params.Time("new_since", now_ns);
  const uint64_t buckets = params.Count("buckets", 60, PatternReport::kMostSteps);
  patterns.query.steps.max_steps = std::max<uint64_t>(buckets, 2);
  patterns.report.limit = params.Count("limit", 50, PatternReport::kMostShown);
  patterns.report.anomalies = params.Flag("anomalies");
  TAFFRAIL_RETURN_IF_ERROR(params.Finish());
  if (asks_new) patterns.query.new_since_ns = patterns.report.new_since_ns = new_since_ns;
  TAFFRAIL_ASSIGN_OR_RETURN(const RecordsQuery records, ParseRecords(language, text, now_ns));
  patterns.query.filter = records.filter;
  patterns.query.range = {std::max(range.from_ns, records.range.from_ns),
                          std::min(range.to_ns, records.range.to_ns)};
  if (asks_new && new_since_ns <= patterns.query.range.from_ns) {
    return absl::InvalidArgumentError(
        "new_since is not after from: a pattern is new only beside older lines, so begin the range earlier");
  }
  return patterns;
}

void HandlePatterns(App& app, HttpRequest& request, HttpResponder& responder) {
  const absl::StatusOr<PatternsRequest> patterns = ReadRequest(app, request);
  if (!patterns.ok()) return responder.SendError(patterns.status());
  const absl::StatusOr<MinedLines> found = RunPatterns(app, responder, patterns->query);
  if (!found.ok()) return responder.SendError(found.status());
  responder.Send(200, {{"Content-Type", "application/json"}}, patterns->report.ToJson(*found));
}

}  // namespace

absl::StatusOr<MinedLines> RunPatterns(App& app, const HttpResponder& responder, const PatternQuery& query) {
  engine::embedded::EmbeddedEngine engine(app.store);
  query::exec::ExecStats stats;
  auto found = MineLines(query, engine, OptionsFor(app, responder), stats);
  app.queries.AddQuery(stats, found.status());
  return found;
}

void AddPatternRoutes(net::Router& router, App& app) {
  router.Add("GET", "/api/v1/patterns", [&app](HttpRequest& request, HttpResponder& responder) {
    HandlePatterns(app, request, responder);
  });
}

}  // namespace taffrail::server
