// GET /api/v1/patterns: the templates that the lines of a search were made from, with counts over time, and
// which of them are new (pattern_report.h).
#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "expr/matcher.h"
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
  store::TimeRange range;
  std::shared_ptr<const expr::Matcher> matcher;
  std::optional<int64_t> new_since_ns;
  size_t max_steps = 0;
  size_t limit = 0;
};

absl::StatusOr<PatternsRequest> ReadRequest(const App& app, const HttpRequest& request) {
  const int64_t now_ns = app.env.NowNs();
  Params params(request.query, now_ns);
  PatternsRequest patterns;
  const std::string text = params.Text("query", "*");
  const std::string language = params.Choice("lang", query::lang::LanguageNames());
  patterns.range = params.Range();
  const bool asks_new = request.query.Has("new_since");
  const int64_t new_since_ns = params.Time("new_since", now_ns);
  patterns.max_steps = params.Count("buckets", 60, PatternReport::kMostSteps);
  patterns.limit = params.Count("limit", 50, PatternReport::kMostShown);
  TAFFRAIL_RETURN_IF_ERROR(params.Finish());
  if (asks_new) patterns.new_since_ns = new_since_ns;
  TAFFRAIL_ASSIGN_OR_RETURN(const RecordsQuery records, ParseRecords(language, text, now_ns));
  TAFFRAIL_ASSIGN_OR_RETURN(patterns.matcher, expr::Matcher::Compile(records.filter));
  patterns.range.from_ns = std::max(patterns.range.from_ns, records.range.from_ns);
  patterns.range.to_ns = std::min(patterns.range.to_ns, records.range.to_ns);
  if (asks_new && new_since_ns <= patterns.range.from_ns) {
    return absl::InvalidArgumentError(
        "new_since is not after from: a pattern is new only beside older lines, so begin the range earlier");
  }
  return patterns;
}

void HandlePatterns(App& app, HttpRequest& request, HttpResponder& responder) {
  const absl::StatusOr<PatternsRequest> patterns = ReadRequest(app, request);
  if (!patterns.ok()) return responder.SendError(patterns.status());
  PatternReport report(patterns->max_steps, patterns->new_since_ns);
  store::ScanRequest scan;
  scan.predicate = patterns->matcher;
  scan.columns.line = true;  // of a record without a message
  scan.order = store::Order::kDescending;
  const auto mine = [&](store::TimeRange range) -> absl::Status {
    if (range.from_ns >= range.to_ns) return absl::OkStatus();
    scan.range = range;
    return RunScan(app, responder, scan,
                   [&](const auto& batch, const auto& rows) { return report.Add(batch, rows); });
  };
  store::TimeRange newer = patterns->range;
  absl::Status status;
  if (patterns->new_since_ns) {
    newer.from_ns = *patterns->new_since_ns;
    status = mine({patterns->range.from_ns, std::min(newer.from_ns, newer.to_ns)});
  }
  if (status.ok()) status = mine(newer);
  if (!status.ok()) return responder.SendError(status);
  responder.Send(200, {{"Content-Type", "application/json"}}, report.ToJson(patterns->limit));
}

}  // namespace

void AddPatternRoutes(net::Router& router, App& app) {
  router.Add("GET", "/api/v1/patterns", [&app](HttpRequest& request, HttpResponder& responder) {
    HandlePatterns(app, request, responder);
  });
}

}  // namespace taffrail::server
