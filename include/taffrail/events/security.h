// Events of security: who got in and who did not, what was denied, what changed about rights, which keys are
// used, and what looks like an attack.
//
//   taffrail::events::authentication_failed({.user_id = name, .reason = "invalid_credentials",
//                                            .ip_address = address, .user_agent = agent});
//
// What is denied or suspicious goes to loggers named security.*; what an auditor asks for - changed rights,
// the use of API keys, OAuth (oauth.h) - to audit.*, carries "security_level":"audit", and is written only
// with features().audit. A password, a token or a whole key is never a field.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string_view>

#include "taffrail/source_location.h"
#include "taffrail/value.h"

namespace taffrail::events {

// Empty texts are left out of the line, here and below; user agents are cut at kUserAgentBytesMax (http.h).
struct AuthenticationEvent {
  std::string_view user_id;           // or the name that was tried; goes into the context
  bool is_login = true;               // false: a credential that comes with every request, a token or a key
  std::string_view auth_method = {};  // "password", "token", "mfa", …
  std::string_view provider = {};
  std::string_view reason = {};  // of a failure: "invalid_credentials"
  std::string_view ip_address = {};
  std::string_view user_agent = {};
};
// Logger "security.authentication" for both. INFO "Login succeeded" or "Authentication succeeded".
void authentication_succeeded(const AuthenticationEvent& event, std::initializer_list<Field> more = {},
                              SourceLocation where = SourceLocation::current()) noexcept;
// WARNING "Authentication failed: Login failed" or "Authentication failed". Counts towards
// suspicious_activity, by user and by address; see set_suspicion_policy.
void authentication_failed(const AuthenticationEvent& event, std::initializer_list<Field> more = {},
                           SourceLocation where = SourceLocation::current()) noexcept;

struct PermissionDeniedEvent {
  std::string_view user_id;
  std::string_view action;         // "tasks.delete"
  std::string_view resource = {};  // "project/42"
  std::string_view required = {};  // the permission or role that is missing
  std::string_view reason = {};
  std::string_view ip_address = {};
};
// Logger "security.authorization", WARNING "Permission denied".
void permission_denied(const PermissionDeniedEvent& event, std::initializer_list<Field> more = {},
                       SourceLocation where = SourceLocation::current()) noexcept;

struct PermissionChangedEvent {
  std::string_view user_id;  // who changed it; goes into the context
  std::string_view target_user_id;
  std::string_view permission;  // or role: "organization.role"
  std::string_view before = {};
  std::string_view after = {};
  std::string_view resource = {};
  std::string_view ip_address = {};
};
// Logger "audit.permission", INFO "Permission changed".
void permission_changed(const PermissionChangedEvent& event, std::initializer_list<Field> more = {},
                        SourceLocation where = SourceLocation::current()) noexcept;

struct ApiKeyUsedEvent {
  std::string_view api_key;  // whole: the line has its first four characters, if it is a long one, and a hash
  std::string_view key_name = {};
  std::string_view user_id = {};  // whose it is; goes into the context
  std::string_view action = {};
  bool accepted = true;
  std::string_view ip_address = {};
  std::string_view user_agent = {};
};
// Logger "audit.api_key", "API key used" at INFO, "API key rejected" at WARNING.
void api_key_used(const ApiKeyUsedEvent& event, std::initializer_list<Field> more = {},
                  SourceLocation where = SourceLocation::current()) noexcept;

struct SuspiciousActivityEvent {
  std::string_view activity;      // "failed_authentications"
  std::string_view user_id = {};  // whom or what it is about: one of these two
  std::string_view ip_address = {};
  uint64_t failures = 0;
  std::chrono::nanoseconds window{};
};
// Logger "security.activity", ERROR "Suspicious activity".
void suspicious_activity(const SuspiciousActivityEvent& event, std::initializer_list<Field> more = {},
                         SourceLocation where = SourceLocation::current()) noexcept;

struct SuspicionPolicy {
  int failures = 5;                  // of one key within the window; 2 to kFailuresMax. 0: never suspicious
  std::chrono::seconds window{300};  // the slowest attack that is still worth a line
  size_t keys_max = 10'000;          // 2 MB; beyond them the one that was quiet the longest is forgotten
  static constexpr int kFailuresMax = 64;
};
// For authentication_failed, from now on; forgets what was counted. Thread-safe.
void set_suspicion_policy(const SuspicionPolicy& policy) noexcept;

// Counts failures by key: `failures` of one within the window are suspicious. Memory is bounded whatever the
// keys. Thread-safe.
class FailureTracker {
 public:
  explicit FailureTracker(const SuspicionPolicy& policy);
  ~FailureTracker();
  FailureTracker(const FailureTracker&) = delete;
  FailureTracker& operator=(const FailureTracker&) = delete;

  // Zero, or how many failures of this key came without the window ever holding fewer than the policy's, when
  // that is worth telling: at the first that is suspicious, and whenever the number has doubled, so that the
  // sign does not drown in itself. `now` never goes back.
  uint64_t record(std::string_view key, std::chrono::steady_clock::time_point now) noexcept;
  size_t keys() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace taffrail::events
