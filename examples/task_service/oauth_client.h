// The outgoing calls to the OAuth provider. Each carries the request's id, is logged, and is tried twice.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "http/client.h"

namespace task_service {

// The caller, as the provider knows him.
struct Principal {
  std::string user_id;
  std::string organization_id;
  std::string role;
};

struct AccessToken {
  std::string token;
  std::string user_id;
  std::string organization_id;
  std::string json;  // the provider's whole answer, to be passed on
};

// The provider did not answer, or not as it should.
class ProviderError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class OAuthClient {
 public:
  // The secret is read from OAUTH_CLIENT_SECRET. Throws std::invalid_argument for a bad URL.
  explicit OAuthClient(const std::string& url);

  // Nothing when the provider says no. All throw ProviderError.
  std::optional<AccessToken> LogIn(const std::string& email, const std::string& password,
                                   const std::string& address);
  std::optional<Principal> Introspect(const std::string& token, const std::string& address);
  // A token by which a job acts for the user whose request it came from.
  AccessToken ExchangeFor(const std::string& user_id, std::string_view scope);
  void Revoke(const std::string& token);

 private:
  using Form = std::vector<std::pair<std::string_view, std::string_view>>;
  examples::http::Response Post(std::string_view operation, const std::string& target, const Form& form,
                                const std::string& address);
  examples::http::Response Try(std::string_view operation, const examples::http::Call& call, int attempt);
  std::unique_ptr<examples::http::Client> Borrow();

  examples::http::Origin origin_;
  std::string url_;
  std::string secret_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<examples::http::Client>> idle_;  // guarded by mutex_; kept connections
};

}  // namespace task_service
