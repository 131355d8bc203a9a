#include "oauth_provider/endpoints.h"

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include <taffrail/log.h>
#include "http/error.h"
#include "json/writer.h"
#include "oauth_provider/events.h"
#include "oauth_provider/tokens.h"
#include "service/middleware.h"

namespace oauth_provider {
namespace {

namespace http = examples::http;
namespace json = examples::json;
using examples::service::Identify;
using taffrail::kv;

const taffrail::Logger security_log("security");

constexpr std::chrono::seconds kAccessLifetime{3600};
constexpr std::chrono::seconds kRefreshLifetime{24 * 3600};
constexpr std::chrono::seconds kExchangedLifetime{60};  // for one job

constexpr std::string_view kTokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange";  // RFC 8693

// RFC 6749 section 5.2: an error has a code that programs read.
http::Response OAuthError(int status, std::string_view code) {
  json::Writer out;
  out.BeginObject();
  out.Field("error", code);
  out.EndObject();
  return {.status = status, .body = std::move(out).Take(), .headers = {}};
}

class Endpoints {
 public:
  explicit Endpoints(Credentials& credentials) : credentials_(credentials) {}

  http::Response Token(http::Request& request) {
    const Form form = ReadForm(request);
    const std::string grant_type = Get(form, "grant_type");
    const std::string user = grant_type == "password" ? Get(form, "username") : Get(form, "subject_token");
    const bool user_may_be_named = grant_type == "password" || grant_type == kTokenExchange;
    OAuthDetails details{.user = user_may_be_named ? std::string_view(user) : std::string_view(),
                         .scopes = {},
                         .grant_type = grant_type,
                         .reason = {}};
    const std::string scopes = Get(form, "scope");
    details.scopes = scopes;
    LogOAuthEvent(OAuthEvent::kAuthorizationRequested, request, details);
    if (grant_type == "password") {
      return Password(request, form, details);
    }
    if (grant_type == "refresh_token") {
      return Refresh(request, form, details);
    }
    if (grant_type == kTokenExchange) {
      return Exchange(request, details);
    }
    return Fail(request, details, 400, "unsupported_grant_type");
  }

  http::Response Introspect(http::Request& request) {
    const Form form = ReadForm(request);
    const auto grant = access_tokens_.Find(Get(form, "token"));
    if (grant) {
      Identify(grant->user_id, grant->organization_id);
    }
    security_log.debug("OAuth token introspected", kv("active", grant.has_value()));
    json::Writer out;
    out.BeginObject();
    out.Field("active", grant.has_value());
    if (grant) {
      const examples::demo::Person* person = credentials_.Find(grant->user_id);
      out.Field("sub", grant->user_id);
      out.Field("organization_id", grant->organization_id);
      out.Field("scope", grant->scopes);
      out.Field("role", person != nullptr ? person->role : "viewer");
    }
    out.EndObject();
    return {.body = std::move(out).Take(), .headers = {}};
  }

  http::Response Revoke(http::Request& request) {
    const Form form = ReadForm(request);
    if (const auto grant = access_tokens_.Revoke(Get(form, "token"))) {
      Identify(grant->user_id, grant->organization_id);
      LogOAuthEvent(OAuthEvent::kRevoked, request,
                    {.user = grant->user_id, .scopes = grant->scopes, .grant_type = {}, .reason = {}});
    }
    return {.status = 200, .body = {}, .headers = {}};  // RFC 7009: an unknown token is no error
  }

 private:
  using Form = std::map<std::string, std::string>;
  enum class Renewal { kNone, kWithRefreshToken };

  static std::string Get(const Form& form, const std::string& name) {
    const auto found = form.find(name);
    return found == form.end() ? std::string() : found->second;
  }

  Form ReadForm(http::Request& request) {
    auto form = http::ParseForm(request.body);
    if (!form) {
      throw http::Error(400, "the body is not a form");
    }
    if (!credentials_.VerifyClient(Get(*form, "client_id"), Get(*form, "client_secret"))) {
      security_log.warning("Authentication failed", kv("reason", "invalid_client"),
                           kv("ip_address", request.client_address));
      throw http::Error(401, "this client is not known here");
    }
    return *std::move(form);
  }

  http::Response Password(http::Request& request, const Form& form, OAuthDetails details) {
    const auto person = credentials_.Verify(Get(form, "username"), Get(form, "password"));
    if (!person) {
      return Fail(request, details, 400, "invalid_grant");
    }
    const Grant grant{person->id, person->organization_id, std::string(details.scopes)};
    return Issue(request, OAuthEvent::kTokenIssued, details, grant, Renewal::kWithRefreshToken);
  }

  http::Response Refresh(http::Request& request, const Form& form, OAuthDetails details) {
    const auto grant = refresh_tokens_.Revoke(Get(form, "refresh_token"));  // each is good once
    if (!grant) {
      return Fail(request, details, 400, "invalid_grant");
    }
    return Issue(request, OAuthEvent::kTokenRefreshed, details, *grant, Renewal::kWithRefreshToken);
  }

  http::Response Exchange(http::Request& request, OAuthDetails details) {
    const examples::demo::Person* person = credentials_.Find(std::string(details.user));
    if (person == nullptr) {
      return Fail(request, details, 400, "invalid_request");
    }
    const Grant grant{person->id, person->organization_id, std::string(details.scopes)};
    return Issue(request, OAuthEvent::kTokenIssued, details, grant, Renewal::kNone);
  }

  http::Response Issue(http::Request& request, OAuthEvent event, OAuthDetails details, const Grant& grant,
                       Renewal renewal) {
    Identify(grant.user_id, grant.organization_id);
    const std::chrono::seconds lifetime = renewal == Renewal::kNone ? kExchangedLifetime : kAccessLifetime;
    json::Writer out;
    out.BeginObject();
    out.Field("access_token", access_tokens_.Issue(grant, lifetime));
    out.Field("token_type", "Bearer");
    out.Field("expires_in", lifetime.count());
    out.Field("scope", grant.scopes);
    if (renewal == Renewal::kWithRefreshToken) {
      out.Field("refresh_token", refresh_tokens_.Issue(grant, kRefreshLifetime));
    }
    out.Field("user_id", grant.user_id);
    out.Field("organization_id", grant.organization_id);
    out.EndObject();
    details.user = grant.user_id;
    details.scopes = grant.scopes;
    LogOAuthEvent(event, request, details);
    return {.body = std::move(out).Take(), .headers = {}};
  }

  static http::Response Fail(const http::Request& request, OAuthDetails details, int status,
                             std::string_view code) {
    details.reason = code;
    LogOAuthEvent(OAuthEvent::kFailed, request, details);
    return OAuthError(status, code);
  }

  Credentials& credentials_;
  TokenStore access_tokens_;
  TokenStore refresh_tokens_;
};

}  // namespace

void AddRoutes(http::Router& router, Credentials& credentials) {
  const auto endpoints = std::make_shared<Endpoints>(credentials);
  router.Add("POST", "/oauth/token", [=](http::Request& request) { return endpoints->Token(request); });
  router.Add("POST", "/oauth/introspect",
             [=](http::Request& request) { return endpoints->Introspect(request); });
  router.Add("POST", "/oauth/revoke", [=](http::Request& request) { return endpoints->Revoke(request); });
}

}  // namespace oauth_provider
