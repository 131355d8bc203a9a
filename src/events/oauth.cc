#include "taffrail/events/oauth.h"

#include <vector>

#include "events/write_event.h"
#include "taffrail/events/http.h"
#include "taffrail/features.h"

namespace taffrail::events {
namespace {

constexpr EventKind kAuthorizationRequested{"authorization_requested", "OAuth authorization requested"};
constexpr EventKind kTokenIssued{"token_issued", "OAuth token issued"};
constexpr EventKind kTokenRefreshed{"token_refreshed", "OAuth token refreshed"};
constexpr EventKind kScopeChanged{"scope_changed", "OAuth scope changed"};
constexpr EventKind kRevoked{"revoked", "OAuth token revoked"};
constexpr EventKind kFailed{"failed", "OAuth authorization failed"};

constexpr size_t kScopesMax =
    100;  // of the largest provider a grant has some dozens; the text may be hostile

std::vector<std::string_view> Split(std::string_view scopes) {
  std::vector<std::string_view> parts;
  while (!scopes.empty() && parts.size() < kScopesMax) {
    const std::string_view part = scopes.substr(0, scopes.find(' '));
    if (!part.empty()) parts.push_back(part);
    scopes.remove_prefix(part.size() == scopes.size() ? part.size() : part.size() + 1);
  }
  return parts;
}

void Write(Level level, const EventKind& kind, const OAuthEvent& event, std::initializer_list<Field> more,
           const SourceLocation& where) noexcept {
  static const Logger logger("audit.oauth");
  if (!features().audit) return;
  WriteEvent(logger, level, kind, more, where, [&](Fields& fields) {
    fields.Add("provider", event.provider);
    fields.Add("scopes", Split(event.scopes));
    fields.Add("user", event.user);
    fields.Add("ip_address", event.ip_address);
    fields.Add("user_agent", CutText(event.user_agent, kUserAgentBytesMax));
    fields.Text("client_id", event.client_id);
    fields.Text("grant_type", event.grant_type);
    if (&kind == &kScopeChanged && !event.scopes_before.empty()) {
      fields.Add("scopes_before", Split(event.scopes_before));
    }
    if (&kind == &kRevoked || &kind == &kFailed) fields.Text("reason", event.reason);
    fields.Add("security_level", std::string_view("audit"));
  });
}

}  // namespace

void oauth_authorization_requested(const OAuthEvent& event, std::initializer_list<Field> more,
                                   SourceLocation where) noexcept {
  Write(Level::kInfo, kAuthorizationRequested, event, more, where);
}
void oauth_token_issued(const OAuthEvent& event, std::initializer_list<Field> more,
                        SourceLocation where) noexcept {
  Write(Level::kInfo, kTokenIssued, event, more, where);
}
void oauth_token_refreshed(const OAuthEvent& event, std::initializer_list<Field> more,
                           SourceLocation where) noexcept {
  Write(Level::kInfo, kTokenRefreshed, event, more, where);
}
void oauth_scope_changed(const OAuthEvent& event, std::initializer_list<Field> more,
                         SourceLocation where) noexcept {
  Write(Level::kInfo, kScopeChanged, event, more, where);
}
void oauth_revoked(const OAuthEvent& event, std::initializer_list<Field> more,
                   SourceLocation where) noexcept {
  Write(Level::kInfo, kRevoked, event, more, where);
}
void oauth_failed(const OAuthEvent& event, std::initializer_list<Field> more, SourceLocation where) noexcept {
  Write(Level::kWarning, kFailed, event, more, where);
}

}  // namespace taffrail::events
