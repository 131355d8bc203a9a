#include "oauth_provider/events.h"

#include <taffrail/log.h>

namespace oauth_provider {
namespace {

using taffrail::kv;

const taffrail::Logger log("security.oauth");

std::string_view Name(OAuthEvent event) {
  switch (event) {
    case OAuthEvent::kAuthorizationRequested:
      return "authorization_requested";
    case OAuthEvent::kTokenIssued:
      return "token_issued";
    case OAuthEvent::kTokenRefreshed:
      return "token_refreshed";
    case OAuthEvent::kRevoked:
      return "revoked";
    case OAuthEvent::kFailed:
      return "failed";
  }
  return "";
}

std::string_view Message(OAuthEvent event) {
  switch (event) {
    case OAuthEvent::kAuthorizationRequested:
      return "OAuth authorization requested";
    case OAuthEvent::kTokenIssued:
      return "OAuth token issued";
    case OAuthEvent::kTokenRefreshed:
      return "OAuth token refreshed";
    case OAuthEvent::kRevoked:
      return "OAuth token revoked";
    case OAuthEvent::kFailed:
      return "OAuth authorization failed";
  }
  return "";
}

}  // namespace

void LogOAuthEvent(OAuthEvent event, const examples::http::Request& request, const OAuthDetails& details) {
  const taffrail::Level level =
      event == OAuthEvent::kFailed ? taffrail::Level::kWarning : taffrail::Level::kInfo;
  const std::string_view user_agent = request.headers.Get("User-Agent").substr(0, 200);
  if (event == OAuthEvent::kFailed) {
    log.log(level, Message(event), kv("event", Name(event)), kv("provider", "taffrail-demo"),
            kv("user", details.user), kv("scopes", details.scopes), kv("grant_type", details.grant_type),
            kv("reason", details.reason), kv("ip_address", request.client_address),
            kv("user_agent", user_agent), kv("security_level", "audit"));
  } else {
    log.log(level, Message(event), kv("event", Name(event)), kv("provider", "taffrail-demo"),
            kv("user", details.user), kv("scopes", details.scopes), kv("grant_type", details.grant_type),
            kv("ip_address", request.client_address), kv("user_agent", user_agent),
            kv("security_level", "audit"));
  }
}

}  // namespace oauth_provider
