// GET /api/v1/tail: what comes in from now on and matches, as server-sent events (tails.h).
#include <string>
#include <utility>
#include <vector>

#include "query/exec/batch_engine.h"
#include "query/exec/executor.h"
#include "query/lang/language.h"
#include "server/params.h"
#include "server/query_text.h"
#include "server/routes.h"

namespace taffrail::server {
namespace {

// What is wrong with the stages, jq's program above all, shows when they run: on no lines at all.
absl::Status Check(const query::plan::Plan& plan) {
  class NoRows final : public query::exec::ResultSink {
   public:
    bool OnColumns(const std::vector<std::string>&) override { return true; }
    bool OnRecord(const query::exec::LogRow&) override { return true; }
    bool OnRow(const std::vector<expr::Value>&) override { return true; }
  } sink;
  if (plan.stages.empty()) return absl::OkStatus();
  query::exec::BatchEngine engine({});
  query::exec::ExecStats stats;
  return query::exec::Execute(plan, engine, sink, {}, stats);
}

void HandleTail(App& app, net::HttpRequest& request, net::HttpResponder& responder) {
  Params params(request.query, app.env.NowNs());
  const std::string text = params.Text("query", "*");
  const std::string language = params.Choice("lang", query::lang::LanguageNames());
  absl::Status status = params.Finish();
  if (!status.ok()) return responder.SendError(status);
  absl::StatusOr<query::plan::Plan> plan = ParseTail(language, text, app.env.NowNs());
  if (!plan.ok()) return responder.SendError(plan.status());
  status = Check(*plan);
  if (!status.ok()) return responder.SendError(status);
  status = app.tails.Open(*std::move(plan), responder);
  if (!status.ok()) responder.SendError(status);
}

}  // namespace

void AddTailRoutes(net::Router& router, App& app) {
  router.Add("GET", "/api/v1/tail", [&app](net::HttpRequest& request, net::HttpResponder& responder) {
    HandleTail(app, request, responder);
  });
}

}  // namespace taffrail::server
