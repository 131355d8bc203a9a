#include "task_service/authentication.h"

#include <string_view>

#include <taffrail/log.h>
#include "http/error.h"
#include "service/middleware.h"

namespace task_service {
namespace {

namespace http = examples::http;
using taffrail::kv;

const taffrail::Logger log("security");

constexpr std::chrono::seconds kRemember{30};  // how long a revoked token may still be accepted
constexpr size_t kKnownMax = 10'000;           // far more than people who are active within kRemember

constexpr std::string_view kScheme = "Bearer ";

// Empty when there is none.
std::string BearerToken(const http::Request& request) {
  const std::string_view header = request.headers.Get("Authorization");
  return std::string(header.starts_with(kScheme) ? header.substr(kScheme.size()) : std::string_view());
}

[[noreturn]] void Deny(const http::Request& request, std::string_view reason) {
  log.warning("Authentication failed", kv("event", "authentication_failed"), kv("reason", reason),
              kv("method", request.method), kv("path", request.path),
              kv("ip_address", request.client_address));
  throw http::Error(401, "log in, and send the token as Authorization: Bearer …");
}

}  // namespace

Principal Authentication::Authenticate(http::Request& request) {
  const std::string token = BearerToken(request);
  if (token.empty()) {
    Deny(request, "missing_token");
  }
  auto principal = Remembered(token);
  const bool cached = principal.has_value();
  if (!cached) {
    try {
      principal = oauth_.Introspect(token, request.client_address);
    } catch (const ProviderError&) {
      throw http::Error(503, "who you are cannot be checked at the moment");
    }
    if (!principal) {
      Deny(request, "invalid_token");
    }
    Remember(token, *principal);
  }
  examples::service::Identify(principal->user_id, principal->organization_id);
  log.debug("Access token accepted", kv("event", "token_accepted"), kv("cached", cached));
  return *principal;
}

void Authentication::Revoke(const http::Request& request) {
  const std::string token = BearerToken(request);
  oauth_.Revoke(token);
  const std::scoped_lock lock(mutex_);
  known_.erase(token);
}

std::optional<Principal> Authentication::Remembered(const std::string& token) {
  const std::scoped_lock lock(mutex_);
  const auto found = known_.find(token);
  if (found == known_.end() || found->second.until < Clock::now()) {
    return std::nullopt;
  }
  return found->second.principal;
}

void Authentication::Remember(const std::string& token, const Principal& principal) {
  const std::scoped_lock lock(mutex_);
  if (known_.size() >= kKnownMax) {
    known_.clear();  // they are asked about again: slower for a moment, never wrong
  }
  known_.insert_or_assign(token, Known{principal, Clock::now() + kRemember});
}

void RequireMember(const Principal& principal, const http::Request& request, const char* action) {
  if (principal.role == "member") {
    return;
  }
  log.warning("Permission denied", kv("event", "permission_denied"), kv("action", action),
              kv("role", principal.role), kv("required_role", "member"), kv("method", request.method),
              kv("path", request.path), kv("ip_address", request.client_address));
  throw http::Error(403, "your role allows reading only");
}

}  // namespace task_service
