// What Grafana and logcli ask a Loki about itself. There are no rules until alerting brings them.
#include <string>

#include "server/loki_handler.h"
#include "server/routes.h"

namespace taffrail::server {
namespace {

// The version whose API this is: Grafana turns features on by it.
absl::StatusOr<std::string> BuildInfo(const LokiCall&) {
  return std::string(R"({"version":"3.5.0","revision":"taffrail","branch":"taffrail",)"
                     R"("buildUser":"","buildDate":"","goVersion":""})"
                     "\n");
}

absl::StatusOr<std::string> NoGroups(const LokiCall&) {
  return std::string(R"({"status":"success","data":{"groups":[]},"errorType":"","error":""})"
                     "\n");
}

absl::StatusOr<std::string> NoAlerts(const LokiCall&) {
  return std::string(R"({"status":"success","data":{"alerts":[]},"errorType":"","error":""})"
                     "\n");
}

}  // namespace

void AddLokiStatusRoutes(net::Router& router, App& app) {
  router.Add("GET", "/ready", [&app](net::HttpRequest&, net::HttpResponder& responder) {
    const bool stopping = app.stopping;
    responder.Send(stopping ? 503 : 200, {{"Content-Type", "text/plain; charset=utf-8"}},
                   stopping ? "stopping\n" : "ready\n");
  });
  router.Add("GET", "/loki/api/v1/rules", [](net::HttpRequest&, net::HttpResponder& responder) {
    responder.Send(200, {{"Content-Type", "application/yaml"}}, "{}\n");
  });
  AddLokiRoute(router, app, "/loki/api/v1/status/buildinfo", BuildInfo);
  AddLokiRoute(router, app, "/prometheus/api/v1/rules", NoGroups);
  AddLokiRoute(router, app, "/prometheus/api/v1/alerts", NoAlerts);
}

}  // namespace taffrail::server
