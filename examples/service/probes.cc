#include "service/probes.h"

#include <exception>
#include <utility>

#include "json/writer.h"
#include "service/logging.h"

namespace examples::service {

void AddProbes(http::Router& router, std::function<bool()> healthy) {
  router.Add("GET", "/healthz", [healthy = std::move(healthy)](http::Request&) {
    bool ok = false;
    try {
      ok = healthy();
    } catch (const std::exception&) {
      ok = false;
    }
    json::Writer out;
    out.BeginObject();
    out.Field("status", ok ? "ok" : "failing");
    out.EndObject();
    return http::Response{.status = ok ? 200 : 503, .body = std::move(out).Take(), .headers = {}};
  });
  router.Add("GET", "/stats", [](http::Request&) {
    json::Writer out;
    out.BeginObject();
    out.Field("lines_logged", Logging::LinesLogged());
    out.EndObject();
    return http::Response{.body = std::move(out).Take(), .headers = {}};
  });
}

}  // namespace examples::service
