// The audit trail of a token's life, one line an event. What it never holds: a token, a password, a secret.
#pragma once

#include <string_view>

#include "http/message.h"

namespace oauth_provider {

enum class OAuthEvent {
  kAuthorizationRequested,
  kTokenIssued,
  kTokenRefreshed,
  kRevoked,
  kFailed,
};

struct OAuthDetails {
  std::string_view user;  // id, or the email when there is no such user
  std::string_view scopes;
  std::string_view grant_type;
  std::string_view reason;  // of a failure
};

void LogOAuthEvent(OAuthEvent event, const examples::http::Request& request, const OAuthDetails& details);

}  // namespace oauth_provider
