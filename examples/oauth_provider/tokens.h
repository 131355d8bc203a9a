// The tokens this provider has given out: opaque random strings that only it can explain.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace oauth_provider {

struct Grant {
  std::string user_id;
  std::string organization_id;
  std::string scopes;  // separated by spaces, as in RFC 6749
};

class TokenStore {
 public:
  using Clock = std::chrono::steady_clock;

  std::string Issue(const Grant& grant, std::chrono::seconds lifetime);
  [[nodiscard]] std::optional<Grant> Find(const std::string& token);
  // What the token stood for, when it was still good.
  std::optional<Grant> Revoke(const std::string& token);

 private:
  struct Entry {
    Grant grant;
    Clock::time_point expires;
  };
  void DropExpired();

  std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;  // guarded by mutex_
};

}  // namespace oauth_provider
