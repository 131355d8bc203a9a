#include "task_service/oauth_client.h"

#include <chrono>
#include <cstdlib>
#include <utility>

#include <taffrail/context.h>
#include <taffrail/log.h>
#include "json/object.h"

namespace task_service {
namespace {

namespace http = examples::http;
namespace json = examples::json;
using taffrail::kv;

const taffrail::Logger log("integration");

constexpr const char* kProvider = "oauth-provider";
constexpr std::chrono::milliseconds kTimeout{2'000};
constexpr int kAttemptsMax = 2;

std::string Encode(const std::vector<std::pair<std::string_view, std::string_view>>& form) {
  std::string out;
  for (const auto& [name, value] : form) {
    out += out.empty() ? "" : "&";
    out += http::PercentEncode(name) + "=" + http::PercentEncode(value);
  }
  return out;
}

json::Object ParseAnswer(const http::Response& response) {
  auto object = json::Object::Parse(response.body);
  if (response.status != 200 || !object) {
    throw ProviderError("the OAuth provider answered " + std::to_string(response.status));
  }
  return *std::move(object);
}

AccessToken ReadToken(const http::Response& response) {
  const json::Object answer = ParseAnswer(response);
  return {.token = answer.String("access_token").value_or(""),
          .user_id = answer.String("user_id").value_or(""),
          .organization_id = answer.String("organization_id").value_or(""),
          .json = response.body};
}

}  // namespace

OAuthClient::OAuthClient(const std::string& url) : origin_(http::ParseOrigin(url)), url_(url) {
  const char* secret = std::getenv("OAUTH_CLIENT_SECRET");
  secret_ = secret != nullptr ? secret : "demo-client-secret";
}

std::optional<AccessToken> OAuthClient::LogIn(const std::string& email, const std::string& password,
                                              const std::string& address) {
  const http::Response response = Post("password_grant", "/oauth/token",
                                       {{"grant_type", "password"},
                                        {"username", email},
                                        {"password", password},
                                        {"scope", "tasks:read tasks:write"}},
                                       address);
  return response.status == 400 ? std::nullopt : std::optional(ReadToken(response));
}

std::optional<Principal> OAuthClient::Introspect(const std::string& token, const std::string& address) {
  const json::Object answer =
      ParseAnswer(Post("introspect", "/oauth/introspect", {{"token", token}}, address));
  if (!answer.Bool("active").value_or(false)) {
    return std::nullopt;
  }
  return Principal{.user_id = answer.String("sub").value_or(""),
                   .organization_id = answer.String("organization_id").value_or(""),
                   .role = answer.String("role").value_or("viewer")};
}

AccessToken OAuthClient::ExchangeFor(const std::string& user_id, std::string_view scope) {
  return ReadToken(Post("token_exchange", "/oauth/token",
                        {{"grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"},
                         {"subject_token", user_id},
                         {"scope", scope}},
                        ""));
}

void OAuthClient::Revoke(const std::string& token) {
  Post("revoke", "/oauth/revoke", {{"token", token}}, "");
}

http::Response OAuthClient::Post(std::string_view operation, const std::string& target, const Form& form,
                                 const std::string& address) {
  Form whole = form;
  whole.emplace_back("client_id", "task-service");
  whole.emplace_back("client_secret", secret_);
  http::Call call{.method = "POST",
                  .target = target,
                  .headers = {},
                  .body = Encode(whole),
                  .content_type = "application/x-www-form-urlencoded"};
  call.headers.Add("X-Request-ID", taffrail::context_value("request_id"));
  call.headers.Add("User-Agent", "task-service/1.0");
  if (!address.empty()) {
    call.headers.Add("X-Forwarded-For", address);
  }
  for (int attempt = 1;; ++attempt) {
    try {
      return Try(operation, call, attempt);
    } catch (const http::ConnectionError& error) {
      if (attempt >= kAttemptsMax) {
        log.error("External service failed", taffrail::error(error), kv("provider", kProvider),
                  kv("operation", operation), kv("url", url_ + target), kv("attempt", attempt),
                  kv("timed_out", error.timed_out()));
        std::throw_with_nested(ProviderError("the OAuth provider does not answer"));
      }
      log.warning("External service failed, trying again", kv("provider", kProvider),
                  kv("operation", operation), kv("url", url_ + target), kv("attempt", attempt),
                  kv("timed_out", error.timed_out()), kv("error", error.what()));
    }
  }
}

http::Response OAuthClient::Try(std::string_view operation, const http::Call& call, int attempt) {
  log.debug("Calling external service", kv("provider", kProvider), kv("operation", operation),
            kv("method", call.method), kv("url", url_ + call.target), kv("attempt", attempt));
  const auto start = std::chrono::steady_clock::now();
  auto client = Borrow();
  http::Response response = client->Send(call);
  log.log(response.status >= 500 ? taffrail::Level::kWarning : taffrail::Level::kInfo,
          "External service responded", kv("provider", kProvider), kv("operation", operation),
          kv("method", call.method), kv("url", url_ + call.target), kv("status_code", response.status),
          kv("duration_ms", std::chrono::steady_clock::now() - start), kv("attempt", attempt),
          kv("response_size_bytes", response.body.size()));
  const std::scoped_lock lock(mutex_);
  idle_.push_back(std::move(client));  // never more than there are threads that call
  return response;
}

std::unique_ptr<http::Client> OAuthClient::Borrow() {
  const std::scoped_lock lock(mutex_);
  if (idle_.empty()) {
    return std::make_unique<http::Client>(origin_, kTimeout);
  }
  auto client = std::move(idle_.back());
  idle_.pop_back();
  return client;
}

}  // namespace task_service
