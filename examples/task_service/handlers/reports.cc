#include <chrono>

#include <taffrail/log.h>
#include "http/error.h"
#include "json/writer.h"
#include "task_service/handlers/routes.h"

namespace task_service {
namespace {

namespace http = examples::http;
using taffrail::kv;

const taffrail::Logger log("application");

// A report that took so long is worth a mail: whoever asked has gone to another page.
constexpr std::chrono::milliseconds kMailFrom{200};

http::Response Compute(Services& services, http::Request& request, const Principal& caller) {
  const auto report = services.repository.FindReport(caller.organization_id, request.Param("id"));
  if (!report) {
    throw http::Error(404, "no such report");
  }
  const Burndown burndown = services.repository.ComputeBurndown(*report);
  log.info("Report generated", kv("report_id", report->id), kv("points", burndown.points),
           kv("duration_ms", request.Elapsed()), kv("method", request.method), kv("path", request.path),
           kv("status_code", 200));
  if (request.Elapsed() >= kMailFrom) {
    NotifyLater(services, "mail_report", caller.user_id, "Your report is ready: " + report->name);
  }
  examples::json::Writer out;
  out.BeginObject();
  out.Field("id", report->id);
  out.Field("name", report->name);
  out.Field("points", burndown.points);
  out.Field("open_now", burndown.open_last);
  out.Field("open_max", burndown.open_max);
  out.EndObject();
  return {.body = std::move(out).Take(), .headers = {}};
}

}  // namespace

void AddReportRoutes(http::Router& router, Services& services) {
  router.Add("GET", "/api/v1/reports/{id}",
             Authenticated(services, [&services](auto& request, const auto& caller) {
               return Compute(services, request, caller);
             }));
}

}  // namespace task_service
