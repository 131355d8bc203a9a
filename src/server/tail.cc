// GET /api/v1/tail: what comes in from now on and matches, as server-sent events (tails.h).
#include <string>
#include <utility>

#include "expr/matcher.h"
#include "query/lang/language.h"
#include "server/params.h"
#include "server/query_text.h"
#include "server/routes.h"

namespace taffrail::server {
namespace {

void HandleTail(App& app, net::HttpRequest& request, net::HttpResponder& responder) {
  Params params(request.query, app.env.NowNs());
  const std::string text = params.Text("query", "*");
  const std::string language = params.Choice("lang", query::lang::LanguageNames());
  absl::Status status = params.Finish();
  if (!status.ok()) return responder.SendError(status);
  const absl::StatusOr<expr::ExprPtr> filter = ParseFilter(language, text, app.env.NowNs());
  if (!filter.ok()) return responder.SendError(filter.status());
  auto matcher = expr::Matcher::Compile(*filter);
  if (!matcher.ok()) return responder.SendError(matcher.status());
  status = app.tails.Open(*std::move(matcher), responder);
  if (!status.ok()) responder.SendError(status);
}

}  // namespace

void AddTailRoutes(net::Router& router, App& app) {
  router.Add("GET", "/api/v1/tail", [&app](net::HttpRequest& request, net::HttpResponder& responder) {
    HandleTail(app, request, responder);
  });
}

}  // namespace taffrail::server
