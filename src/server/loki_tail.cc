// GET /loki/api/v1/tail: a log query over what comes in, over a WebSocket (loki_tails.h).
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "net/websocket.h"
#include "server/loki_answer.h"
#include "server/loki_request.h"
#include "server/routes.h"

namespace taffrail::server {
namespace {

namespace plan = query::plan;

constexpr int64_t kHourNs = 3'600'000'000'000;

// The last lines before now, in order of time, as the tail's first message.
class History final : public query::exec::ResultSink {
 public:
  explicit History(bool categorizes_labels) : categorizes_labels_(categorizes_labels) {}
  bool OnColumns(const std::vector<std::string>&) override { return true; }
  bool OnRow(const std::vector<expr::Value>&) override { return false; }
  bool OnRecord(const query::exec::LogRow& row) override {  // the newest first
    std::string message = "{\"stream\":";
    AppendLabelSet(LokiStreamLabels(row, categorizes_labels_), message);
    message += ",\"values\":[";
    AppendLokiValue(row, categorizes_labels_, message);
    lines_.push_back(message + "]}");
    seen_ = std::max(seen_, row.sequence);
    return true;
  }
  std::string Message() const {
    if (lines_.empty()) return {};
    std::string out = "{\"streams\":[";
    for (auto line = lines_.rbegin(); line != lines_.rend(); ++line) {
      if (line != lines_.rbegin()) out += ',';
      out += *line;
    }
    return out + "]}";
  }
  uint64_t seen() const { return seen_; }

 private:
  const bool categorizes_labels_;
  std::vector<std::string> lines_;
  uint64_t seen_ = 0;
};

absl::Status Open(App& app, net::HttpRequest& request, net::HttpResponder& responder) {
  TAFFRAIL_ASSIGN_OR_RETURN(const LokiRequest loki, LokiRequest::Read(app, request));
  TAFFRAIL_ASSIGN_OR_RETURN(const LokiRequest::Range range, loki.TimeRange(kHourNs));
  TAFFRAIL_ASSIGN_OR_RETURN(const uint64_t limit, loki.Limit());
  TAFFRAIL_ASSIGN_OR_RETURN(const int64_t delay_s, loki.Count("delay_for", 0));
  if (delay_s < 0 || delay_s > 5) return absl::InvalidArgumentError("delay_for can't be greater than 5");
  TAFFRAIL_ASSIGN_OR_RETURN(
      query::lang::logql::Query query,
      ParseLoki(loki.Text("query"), {.now_ns = loki.now_ns(), .grid = {0, 0, 1}, .entries = true}));
  if (query.is_metric) return absl::InvalidArgumentError("only log queries can be tailed");
  TAFFRAIL_ASSIGN_OR_RETURN(net::Headers headers, net::AcceptWebSocket(request));
  TAFFRAIL_ASSIGN_OR_RETURN(
      const std::shared_ptr<LokiTails::Tail> tail,
      app.loki_tails.Open({query.plan, loki.categorizes_labels(), std::move(headers)}, responder));
  query.plan.source.range = {range.start_ns, INT64_MAX};
  query.plan.source.order = plan::Order::kDescending;
  query.plan.stages.emplace_back(plan::Limit{.count = limit});
  History history(loki.categorizes_labels());
  query::exec::ExecStats stats;
  // A history that cannot be had is no reason to tell nothing of what comes.
  const absl::Status told = RunForClient(app, responder, query.plan, history, stats);
  LokiTails::Begin(*tail, told.ok() ? history.Message() : "", told.ok() ? history.seen() : 0);
  return absl::OkStatus();
}

}  // namespace

void AddLokiTailRoutes(net::Router& router, App& app) {
  router.Add("GET", "/loki/api/v1/tail", [&app](net::HttpRequest& request, net::HttpResponder& responder) {
    const absl::Status status = Open(app, request, responder);
    if (!status.ok()) SendLokiError(status, responder);
  });
}

}  // namespace taffrail::server
