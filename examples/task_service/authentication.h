// Who is calling: the bearer token of a request, explained by the provider and remembered for a while.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "http/message.h"
#include "task_service/oauth_client.h"

namespace task_service {

class Authentication {
 public:
  explicit Authentication(OAuthClient& oauth) : oauth_(oauth) {}

  // Names the caller in the request. Throws http::Error 401 without a good token, 503 when the provider
  // cannot be asked.
  Principal Authenticate(examples::http::Request& request);
  // Asks the provider to revoke the request's token, and forgets it here. REQUIRES: Authenticate took the
  // request.
  void Revoke(const examples::http::Request& request);

 private:
  using Clock = std::chrono::steady_clock;
  struct Known {
    Principal principal;
    Clock::time_point until;
  };
  std::optional<Principal> Remembered(const std::string& token);
  void Remember(const std::string& token, const Principal& principal);

  OAuthClient& oauth_;
  std::mutex mutex_;
  std::unordered_map<std::string, Known> known_;  // by token; guarded by mutex_
};

// Throws http::Error 403, having logged it, unless the caller may change things.
void RequireMember(const Principal& principal, const examples::http::Request& request, const char* action);

}  // namespace task_service
