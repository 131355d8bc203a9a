// /loki/api/v1/delete: Loki's deletes by query. Loki notes a request and works on it a day later; here it is
// done when the answer comes, so that what is listed is done and nothing is left to be cancelled.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "audit/hash.h"
#include "net/problem.h"
#include "server/admin.h"
#include "server/loki_request.h"
#include "server/routes.h"

namespace taffrail::server {
namespace {

using net::HttpRequest;
using net::HttpResponder;

// As Loki says times here: Unix seconds with three digits.
std::string Seconds(int64_t time_ns) {
  const int64_t ms = time_ns / 1'000'000 - (time_ns % 1'000'000 < 0 ? 1 : 0);
  return fmt::format("{:.3f}", static_cast<double>(ms) / 1e3);
}

absl::Status Delete(App& app, const HttpRequest& request, const HttpResponder& responder,
                    const LokiRequest& loki) {
  const std::string query = loki.Text("query");
  if (query.empty()) return absl::InvalidArgumentError("query not set");
  if (!loki.Has("start")) return absl::InvalidArgumentError("start time not set");
  TAFFRAIL_ASSIGN_OR_RETURN(const int64_t start_ns, loki.Time("start", 0));
  TAFFRAIL_ASSIGN_OR_RETURN(const int64_t end_ns, loki.Time("end", loki.now_ns()));
  TAFFRAIL_RETURN_IF_ERROR(loki.Duration("max_interval", 0).status());  // how Loki cuts the work: as you like
  if (end_ns > loki.now_ns()) return absl::InvalidArgumentError("deletes in the future are not allowed");
  if (start_ns > end_ns) return absl::InvalidArgumentError("start time can't be greater than end time");
  absl::StatusOr<DeleteOrder> order = OrderOf("logql", query, loki.now_ns());
  if (!order.ok()) return LokiParseError(query, order.status());
  order->request.range = {start_ns, end_ns + 1};  // the end is part of it
  TAFFRAIL_RETURN_IF_ERROR(DeleteAndLog(app, *std::move(order), request, responder).status());
  std::string id(4, '\0');
  app.env.Random(id);
  app.loki_deletes.Add({audit::Hex(id), query, start_ns, end_ns, loki.now_ns()});
  return absl::OkStatus();
}

void HandlePost(App& app, HttpRequest& request, HttpResponder& responder) {
  const absl::StatusOr<LokiRequest> loki = LokiRequest::Read(app, request);
  const absl::Status status = loki.ok() ? Delete(app, request, responder, *loki) : loki.status();
  if (!status.ok()) return SendLokiError(status, responder);
  responder.Send(204, {}, "");
}

void HandleList(App& app, HttpRequest& request, HttpResponder& responder) {
  std::string json = "[";
  for (const LokiDeletes::Done& done : app.loki_deletes.List()) {
    json += fmt::format(R"({}{{"request_id":"{}","start_time":{},"end_time":{},"query":{},)"
                        R"("status":"processed","created_at":{}}})",
                        json.size() > 1 ? "," : "", done.id, Seconds(done.start_ns), Seconds(done.end_ns),
                        net::JsonQuote(done.query), Seconds(done.created_ns));
  }
  SendLokiJson(request, json + "]", responder);
}

// Only what is not done yet can be cancelled.
void HandleCancel(App& app, HttpRequest& request, HttpResponder& responder) {
  const std::string_view id = request.query.Get("request_id");
  const std::vector<LokiDeletes::Done> all = app.loki_deletes.List();
  const bool is_done = std::ranges::any_of(all, [&](const LokiDeletes::Done& done) { return done.id == id; });
  SendLokiError(is_done ? absl::InvalidArgumentError(
                              "deletion of request which is in process or already processed is not allowed")
                        : absl::NotFoundError("could not find delete request with given id"),
                responder);
}

}  // namespace

void AddLokiDeleteRoutes(net::Router& router, App& app) {
  const auto add = [&](const char* method, void (*handle)(App&, HttpRequest&, HttpResponder&)) {
    router.Add(method, "/loki/api/v1/delete", [&app, handle](HttpRequest& request, HttpResponder& responder) {
      if (app.admin.Admits(request, responder)) handle(app, request, responder);
    });
  };
  add("POST", HandlePost);
  add("PUT", HandlePost);
  add("GET", HandleList);
  add("DELETE", HandleCancel);
}

}  // namespace taffrail::server
