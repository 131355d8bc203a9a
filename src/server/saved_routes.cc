// /api/v1/saved/{kind} and /api/v1/saved/{kind}/{name}: saved searches and dashboards (saved.h).
#include <string>
#include <utility>

#include "fmt/format.h"
#include "net/problem.h"
#include "server/routes.h"
#include "server/saved.h"

namespace taffrail::server {
namespace {

using net::HttpRequest;
using net::HttpResponder;

using Handle = void (*)(SavedObjects&, std::string_view kind, HttpRequest&, HttpResponder&);

void SendJson(HttpResponder& responder, const absl::StatusOr<std::string>& json) {
  if (!json.ok()) return responder.SendError(json.status());
  responder.Send(200, {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}}, *json);
}

void HandlePut(SavedObjects& saved, std::string_view kind, HttpRequest& request, HttpResponder& responder) {
  const absl::StatusOr<std::string> body = request.ReadWholeBody(SavedObjects::kMaxObjectBytes + 1024);
  const absl::Status status =
      body.ok() ? saved.Put(kind, request.PathParameter("name"), *body) : body.status();
  if (!status.ok()) return responder.SendError(status);
  responder.Send(204, {}, "");
}

void HandleDelete(SavedObjects& saved, std::string_view kind, HttpRequest& request,
                  HttpResponder& responder) {
  const absl::Status status = saved.Delete(kind, request.PathParameter("name"));
  if (!status.ok()) return responder.SendError(status);
  responder.Send(204, {}, "");
}

}  // namespace

void AddSavedRoutes(net::Router& router, App& app) {
  const auto add = [&](std::string method, std::string pattern, Handle handle) {
    router.Add(std::move(method), std::move(pattern),
               [&app, handle](HttpRequest& request, HttpResponder& responder) {
                 const std::string_view kind = request.PathParameter("kind");
                 if (SavedObjects::IsKind(kind)) return handle(app.saved, kind, request, responder);
                 responder.SendProblem(
                     404, fmt::format("there are saved views and dashboards, but no \"{}\"", kind));
               });
  };
  add("GET", "/api/v1/saved/{kind}",
      [](SavedObjects& saved, std::string_view kind, HttpRequest&, HttpResponder& responder) {
        SendJson(responder, saved.List(kind));
      });
  add("GET", "/api/v1/saved/{kind}/{name}",
      [](SavedObjects& saved, std::string_view kind, HttpRequest& request, HttpResponder& responder) {
        SendJson(responder, saved.Get(kind, request.PathParameter("name")));
      });
  add("PUT", "/api/v1/saved/{kind}/{name}", HandlePut);
  add("DELETE", "/api/v1/saved/{kind}/{name}", HandleDelete);
}

}  // namespace taffrail::server
