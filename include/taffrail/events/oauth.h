// The audit trail of OAuth: one event for each step in the life of a grant.
//
//   taffrail::events::oauth_token_issued({.provider = "google", .scopes = "calendar mail.read",
//                                         .user = user.id, .ip_address = address, .user_agent = agent});
//
// Never a token, a code or a secret. Written only with features().audit.
#pragma once

#include <initializer_list>
#include <string_view>

#include "taffrail/source_location.h"
#include "taffrail/value.h"

namespace taffrail::events {

// Empty texts are left out of the line.
struct OAuthEvent {
  std::string_view provider;
  std::string_view scopes;  // separated by blanks, as in RFC 6749; the line has a list
  std::string_view user;    // its id, or the name that was tried
  std::string_view ip_address;
  std::string_view user_agent;  // cut at kUserAgentBytesMax (http.h)
  std::string_view client_id = {};
  std::string_view grant_type = {};
  std::string_view scopes_before = {};  // of a change
  std::string_view reason = {};         // of a failure or a revocation
};

// Logger "audit.oauth" and "security_level":"audit" for all; INFO but for failed, which is WARNING. "event"
// is the name here without "oauth_".
void oauth_authorization_requested(const OAuthEvent& event, std::initializer_list<Field> more = {},
                                   SourceLocation where = SourceLocation::current()) noexcept;
void oauth_token_issued(const OAuthEvent& event, std::initializer_list<Field> more = {},
                        SourceLocation where = SourceLocation::current()) noexcept;
void oauth_token_refreshed(const OAuthEvent& event, std::initializer_list<Field> more = {},
                           SourceLocation where = SourceLocation::current()) noexcept;
void oauth_scope_changed(const OAuthEvent& event, std::initializer_list<Field> more = {},
                         SourceLocation where = SourceLocation::current()) noexcept;
void oauth_revoked(const OAuthEvent& event, std::initializer_list<Field> more = {},
                   SourceLocation where = SourceLocation::current()) noexcept;
void oauth_failed(const OAuthEvent& event, std::initializer_list<Field> more = {},
                  SourceLocation where = SourceLocation::current()) noexcept;

}  // namespace taffrail::events
