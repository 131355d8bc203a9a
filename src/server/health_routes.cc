// /healthz (the process answers), /readyz (it can take lines), /api/v1/logs/health (the figures behind that).
#include <string>
#include <utility>

#include "base/time_text.h"
#include "fmt/format.h"
#include "net/problem.h"
#include "server/routes.h"
#include "server/tenants.h"

namespace taffrail::server {
namespace {

using net::HttpRequest;
using net::HttpResponder;

std::string ChecksJson(const HealthReport& report) {
  std::string json = "[";
  for (const Check& check : report.checks) {
    if (json.size() > 1) json += ',';
    json += fmt::format(R"({{"name":{},"ok":{},"detail":{}}})", net::JsonQuote(check.name), check.ok,
                        net::JsonQuote(check.detail));
  }
  return json + "]";
}

// Of the server: what is wrong with the store of any tenant is wrong with it.
HealthReport ReportOfAll(App& app) {
  HealthReport report = app.health.Report();
  if (app.tenants == nullptr || !app.tenants->options().tenants.enabled) return report;
  app.tenants->ForEach([&](std::string_view name, App& tenant) {
    if (&tenant == &app) return;
    for (Check& check : tenant.health.Report().checks) {
      if (check.ok) continue;
      check.name = fmt::format("{} of tenant {}", check.name, name);
      report.checks.push_back(std::move(check));
    }
  });
  return report;
}

void HandleReady(App& app, HttpRequest&, HttpResponder& responder) {
  const HealthReport report = ReportOfAll(app);
  if (report.ok() && !app.stopping) {
    return responder.Send(200, {{"Content-Type", "application/json"}},
                          fmt::format(R"({{"ready":true,"checks":{}}})", ChecksJson(report)));
  }
  std::string detail = app.stopping ? "the server is stopping" : "";
  for (const Check& check : report.checks) {
    if (!check.ok) detail += fmt::format("{}{}: {}", detail.empty() ? "" : "; ", check.name, check.detail);
  }
  responder.SendProblem(503, detail, {{"ready", "false"}, {"checks", ChecksJson(report)}});
}

void HandleHealth(App& app, HttpRequest&, HttpResponder& responder) {
  const HealthReport report = app.health.Report();
  const store::StoreInfo info = app.store.Info();
  const std::string last_write =
      report.last_success_ns == 0 ? "null" : net::JsonQuote(base::FormatRfc3339(report.last_success_ns, 3));
  responder.Send(
      200, {{"Content-Type", "application/json"}},
      fmt::format(R"({{"status":"{}","uptime_s":{},"checks":{},)"
                  R"("disk":{{"total_bytes":{},"available_bytes":{}}},)"
                  R"("write":{{"last_latency_ms":{:.3f},"last_success":{}}},)"
                  R"("store":{{"rows":{},"disk_bytes":{},"wal_bytes":{},"parts":{}}},"tails":{},)"
                  R"("retention":{}}})",
                  report.ok() ? "ok" : "degraded", (app.env.NowNs() - app.started_ns) / 1'000'000'000,
                  ChecksJson(report), report.disk.total_bytes, report.disk.available_bytes,
                  report.write_seconds * 1e3, last_write, info.rows, info.disk_bytes, info.wal_bytes,
                  info.parts.size(), app.tails.count(), RetentionJson(app.retention)));
}

}  // namespace

void AddHealthRoutes(net::Router& router, App& app) {
  router.Add("GET", "/healthz", [](HttpRequest&, HttpResponder& responder) {
    responder.Send(200, {{"Content-Type", "application/json"}}, R"({"status":"ok"})");
  });
  router.Add("GET", "/readyz", [&app](HttpRequest& request, HttpResponder& responder) {
    HandleReady(app, request, responder);
  });
  router.Add("GET", "/api/v1/logs/health", [&app](HttpRequest& request, HttpResponder& responder) {
    HandleHealth(app, request, responder);
  });
}

}  // namespace taffrail::server
