#include "service/middleware.h"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <taffrail/context.h>
#include <taffrail/log.h>
#include <taffrail/request_id.h>
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

const taffrail::Logger request_log("request");
const taffrail::Logger application_log("application");
const taffrail::Logger security_log("security");

constexpr size_t kUserAgentSizeMax = 200;  // browsers stay below; what is longer says nothing more

taffrail::RequestId TakeRequestId(const http::Request& request) {
  std::vector<taffrail::Header> headers;
  for (const auto& [name, value] : request.headers) {
    headers.push_back({.name = name, .value = value});
  }
  return taffrail::request_id_from(headers);
}

std::string_view PerformanceTier(std::chrono::nanoseconds elapsed) {
  using std::chrono::seconds;
  if (elapsed < std::chrono::milliseconds(100)) {
    return "fast";
  }
  return elapsed < seconds(1) ? "normal" : elapsed < seconds(5) ? "slow" : "very_slow";
}

// The handler's own scopes are gone when its outcome is written; who called is still known, once it was found
// out.
taffrail::Scope CallerScope(const http::Request& request) {
  return request.user_id.empty()
             ? taffrail::Scope({})
             : taffrail::Scope({{"user_id", request.user_id}, {"organization_id", request.organization_id}});
}

http::Response Refuse(const http::Request& request, const http::Error& error) {
  if (!error.fields().empty()) {
    const taffrail::Scope scope = CallerScope(request);
    application_log.warning("Validation failed", kv("method", request.method), kv("path", request.path),
                            kv("status_code", error.status()), kv("errors", error.fields()));
  }
  return http::Problem(error);
}

http::Response Fail(const http::Request& request, const std::exception& exception) {
  const taffrail::Scope scope = CallerScope(request);
  application_log.error("Unhandled exception", taffrail::error(exception), kv("method", request.method),
                        kv("path", request.path), kv("route", request.route), kv("status_code", 500));
  return http::Problem(500, "the request could not be completed; its id is in X-Request-ID");
}

http::Response Run(const http::Router& router, http::Request& request) {
  try {
    int status = 200;
    const http::Handler* handler = router.Match(request, &status);
    return handler != nullptr ? (*handler)(request)
                              : http::Problem(status, "nothing answers " + request.method + " here");
  } catch (const http::Error& error) {
    return Refuse(request, error);
  } catch (const std::exception& exception) {
    return Fail(request, exception);
  }
}

void LogCompletion(const http::Request& request, const http::Response& response) {
  const taffrail::Level level = response.status >= 500   ? taffrail::Level::kError
                                : response.status >= 400 ? taffrail::Level::kWarning
                                                         : taffrail::Level::kInfo;
  const std::chrono::nanoseconds elapsed = request.Elapsed();
  const taffrail::Scope scope = CallerScope(request);
  request_log.log(
      level, "HTTP request completed", kv("method", request.method), kv("path", request.path),
      kv("route", request.route), kv("status_code", response.status), kv("duration_ms", elapsed),
      kv("user_agent", request.headers.Get("User-Agent").substr(0, kUserAgentSizeMax)),
      kv("ip_address", http::ClientAddress(request)), kv("request_size_bytes", request.body.size()),
      kv("response_size_bytes", response.body.size()), kv("performance_tier", PerformanceTier(elapsed)));
}

// Asked every few seconds by whoever watches the service: lines about them would be most of the log.
bool IsProbe(std::string_view path) { return path == "/healthz" || path == "/stats"; }

}  // namespace

http::Handler WithRequestScope(const http::Router& router) {
  return [&router](http::Request& request) {
    const taffrail::RequestId id = TakeRequestId(request);
    const taffrail::Scope scope({{"request_id", id.id}});
    if (!id.rejected.empty()) {
      security_log.warning("Hostile request id replaced", kv("rejected", id.rejected),
                           kv("ip_address", http::ClientAddress(request)));
    }
    http::Response response = Run(router, request);
    if (!IsProbe(request.path)) {
      LogCompletion(request, response);
    }
    response.headers.Add("X-Request-ID", id.id);
    return response;
  };
}

}  // namespace examples::service
