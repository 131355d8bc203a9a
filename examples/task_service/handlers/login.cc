#include <string>

#include <taffrail/log.h>
#include "http/error.h"
#include "json/object.h"
#include "service/middleware.h"
#include "task_service/handlers/routes.h"

namespace task_service {
namespace {

namespace http = examples::http;
namespace json = examples::json;
using taffrail::kv;

const taffrail::Logger log("security");

struct Attempt {
  std::string email;
  std::string password;
};

Attempt ReadAttempt(const http::Request& request) {
  const auto body = json::Object::Parse(request.body);
  if (!body) {
    throw http::Error(400, "the body is not a JSON object");
  }
  Attempt attempt{body->String("email").value_or(""), body->String("password").value_or("")};
  if (attempt.email.empty() || attempt.password.empty()) {
    throw http::Error(422, "email and password are needed",
                      {{"email", "required"}, {"password", "required"}});
  }
  return attempt;
}

http::Response RefuseLogin(Services& services, const http::Request& request, const std::string& email) {
  const std::string address = request.client_address;
  const int failures = services.failed_logins.Record(address, FailedLogins::Clock::now());
  log.warning("Failed login attempt", kv("event", "login_failed"), kv("reason", "invalid_credentials"),
              kv("email", email), kv("ip_address", address), kv("failures_in_window", failures),
              kv("user_agent", request.headers.Get("User-Agent").substr(0, 200)));
  // Once when the line is crossed, then at each doubling: the sign must not drown in itself.
  for (int line = FailedLogins::kSuspiciousFrom; line <= failures; line *= 2) {
    if (failures == line) {
      log.error("Suspicious activity", kv("event", "suspicious_activity"), kv("kind", "failed_logins"),
                kv("ip_address", address), kv("failures_in_window", failures),
                kv("window_seconds", FailedLogins::kWindow.count()), kv("path", request.path),
                kv("status_code", 401));
    }
  }
  throw http::Error(401, "email or password is wrong");
}

http::Response LogIn(Services& services, http::Request& request) {
  const Attempt attempt = ReadAttempt(request);
  std::optional<AccessToken> token;
  try {
    token = services.oauth.LogIn(attempt.email, attempt.password, request.client_address);
  } catch (const ProviderError&) {
    throw http::Error(503, "logging in is not possible at the moment");
  }
  if (!token) {
    return RefuseLogin(services, request, attempt.email);
  }
  examples::service::Identify(token->user_id, token->organization_id);
  log.info("Login succeeded", kv("event", "login_succeeded"), kv("ip_address", request.client_address),
           kv("user_agent", request.headers.Get("User-Agent").substr(0, 200)));
  return {.body = token->json, .headers = {}};
}

http::Response LogOut(Services& services, http::Request& request, const Principal&) {
  services.authentication.Revoke(request);
  log.info("Logged out", kv("event", "logout"), kv("ip_address", request.client_address));
  return {.status = 204, .body = {}, .headers = {}};
}

}  // namespace

void AddLoginRoutes(http::Router& router, Services& services) {
  router.Add("POST", "/api/v1/login",
             [&services](http::Request& request) { return LogIn(services, request); });
  router.Add("POST", "/api/v1/logout",
             Authenticated(services, [&services](auto& request, const auto& principal) {
               return LogOut(services, request, principal);
             }));
}

}  // namespace task_service
