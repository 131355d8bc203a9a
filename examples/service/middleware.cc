#include "service/middleware.h"

#include <memory>
#include <vector>

#include <taffrail/log.h>
#include <taffrail/middleware/request_log.h>
#include "http/error.h"

namespace examples::http {

void log_fields(taffrail::FieldWriter& out,
                const FieldError& error) {  // NOLINT: the library finds it by this name
  out.field("field", error.field);
  out.field("error", error.error);
}

}  // namespace examples::http

namespace examples::service {
namespace {

using taffrail::kv;
using taffrail::middleware::HttpMiddleware;
using taffrail::middleware::Inside;
using taffrail::middleware::RequestLog;

const taffrail::Logger application_log("application");

std::shared_ptr<RequestLog> Begin(const HttpMiddleware& middleware, http::Request& request) {
  std::vector<taffrail::Header> headers;
  for (const auto& [name, value] : request.headers) {
    headers.push_back({.name = name, .value = value});
  }
  auto log = middleware.begin({.method = request.method,
                               .target = request.target,
                               .peer = request.peer_address,
                               .headers = headers,
                               .received_at = request.received_at});
  log->add_request_bytes(request.body.size());
  request.client_address = log->client_address();
  return log;
}

http::Response Run(const http::Router& router, http::Request& request, RequestLog& log) {
  try {
    int status = 200;
    const http::Handler* handler = router.Match(request, &status);
    log.set_route(request.route);
    return handler != nullptr ? (*handler)(request)
                              : http::Problem(status, "nothing answers " + request.method + " here");
  } catch (const http::Error& error) {
    if (!error.fields().empty()) {
      application_log.warning("Validation failed", kv("method", request.method), kv("path", request.path),
                              kv("status_code", error.status()), kv("errors", error.fields()));
    }
    return http::Problem(error);
  } catch (const std::exception& exception) {
    log.fail(exception);
    return http::Problem(500, "the request could not be completed; its id is in X-Request-ID");
  }
}

}  // namespace

http::Handler WithRequestScope(const http::Router& router) {
  // A proxy on this machine may say who is behind it. The probes are asked every few seconds: lines about
  // them would be most of the log.
  const HttpMiddleware middleware(
      {.trusted_proxies = {"127.0.0.0/8", "::1"}, .ignored_paths = {"/healthz", "/stats"}});
  return [&router, middleware](http::Request& request) {
    const Inside inside(Begin(middleware, request));
    RequestLog& log = *inside.request();
    http::Response response = Run(router, request, log);
    for (const auto& [name, value] : log.response_headers()) {
      response.headers.Add(name, value);
    }
    log.add_response_bytes(response.body.size());
    log.finish(response.status);
    return response;
  };
}

void Identify(std::string_view user_id, std::string_view organization_id) {
  RequestLog* log = RequestLog::current();
  log->set_user(user_id);
  log->set_organization(organization_id);
}

}  // namespace examples::service
