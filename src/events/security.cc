#include "taffrail/events/security.h"

#include <openssl/sha.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "events/user_scope.h"
#include "events/write_event.h"
#include "taffrail/events/http.h"
#include "taffrail/features.h"

namespace taffrail::events {
namespace {

constexpr EventKind kLoginSucceeded{"authentication_succeeded", "Login succeeded"};
constexpr EventKind kSucceeded{"authentication_succeeded", "Authentication succeeded"};
// Two ways of asking for failed logins are in use, "Login failed" and /failed.*login/i: this answers both.
constexpr EventKind kLoginFailed{"authentication_failed", "Authentication failed: Login failed"};
constexpr EventKind kFailed{"authentication_failed", "Authentication failed"};
constexpr EventKind kPermissionDenied{"permission_denied", "Permission denied"};
constexpr EventKind kPermissionChanged{"permission_changed", "Permission changed"};
constexpr EventKind kApiKeyUsed{"api_key_used", "API key used"};
constexpr EventKind kApiKeyRejected{"api_key_used", "API key rejected"};
constexpr EventKind kSuspiciousActivity{"suspicious_activity", "Suspicious activity"};

struct Tracking {
  explicit Tracking(const SuspicionPolicy& given) : policy(given), tracker(given) {}
  SuspicionPolicy policy;
  FailureTracker tracker;
};
std::mutex tracking_mutex;
// Never destroyed, so that static destructors may log.
std::shared_ptr<Tracking>& TrackingSlot() {
  static auto* slot = new std::shared_ptr<Tracking>;
  return *slot;
}

std::shared_ptr<Tracking> CurrentTracking() {
  const std::scoped_lock lock(tracking_mutex);
  std::shared_ptr<Tracking>& slot = TrackingSlot();
  if (slot == nullptr) slot = std::make_shared<Tracking>(SuspicionPolicy());
  return slot;
}

void Track(const AuthenticationEvent& event, const SourceLocation& where) {
  const std::shared_ptr<Tracking> tracking = CurrentTracking();
  const auto now = std::chrono::steady_clock::now();
  SuspiciousActivityEvent suspicious{.activity = "failed_authentications", .window = tracking->policy.window};
  if (!event.user_id.empty()) {
    suspicious.failures = tracking->tracker.record("user " + std::string(event.user_id), now);
    suspicious.user_id = event.user_id;
    if (suspicious.failures != 0) suspicious_activity(suspicious, {}, where);
  }
  if (!event.ip_address.empty()) {
    suspicious.failures = tracking->tracker.record("address " + std::string(event.ip_address), now);
    suspicious.user_id = {};
    suspicious.ip_address = event.ip_address;
    if (suspicious.failures != 0) suspicious_activity(suspicious, {}, where);
  }
}

void WriteAuthentication(Level level, const EventKind& kind, const AuthenticationEvent& event,
                         std::initializer_list<Field> more, const SourceLocation& where) {
  static const Logger logger("security.authentication");
  const UserScope user(event.user_id);
  WriteEvent(logger, level, kind, more, where, [&](Fields& fields) {
    fields.Text("auth_method", event.auth_method);
    fields.Text("provider", event.provider);
    if (level == Level::kWarning) fields.Text("reason", event.reason);
    fields.Text("ip_address", event.ip_address);
    fields.Text("user_agent", CutText(event.user_agent, kUserAgentBytesMax));
  });
}

// Tells keys apart and betrays none: 64 bits of SHA-256. Keys are long random strings; of a short one, which
// could be guessed, nobody should make a key.
std::string KeyHash(std::string_view key) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(key.data()), key.size(), digest);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (int i = 0; i < 8; ++i) hex.append(1, kDigits[digest[i] >> 4U]).append(1, kDigits[digest[i] & 15U]);
  return hex;
}

}  // namespace

void authentication_succeeded(const AuthenticationEvent& event, std::initializer_list<Field> more,
                              SourceLocation where) noexcept {
  WriteAuthentication(Level::kInfo, event.is_login ? kLoginSucceeded : kSucceeded, event, more, where);
}

void authentication_failed(const AuthenticationEvent& event, std::initializer_list<Field> more,
                           SourceLocation where) noexcept {
  WriteAuthentication(Level::kWarning, event.is_login ? kLoginFailed : kFailed, event, more, where);
  try {
    Track(event, where);
  } catch (...) {  // no memory: the failure is logged, though not counted
  }
}

void permission_denied(const PermissionDeniedEvent& event, std::initializer_list<Field> more,
                       SourceLocation where) noexcept {
  static const Logger logger("security.authorization");
  const UserScope user(event.user_id);
  WriteEvent(logger, Level::kWarning, kPermissionDenied, more, where, [&](Fields& fields) {
    fields.Add("action", event.action);
    fields.Text("resource", event.resource);
    fields.Text("required", event.required);
    fields.Text("reason", event.reason);
    fields.Text("ip_address", event.ip_address);
  });
}

void permission_changed(const PermissionChangedEvent& event, std::initializer_list<Field> more,
                        SourceLocation where) noexcept {
  static const Logger logger("audit.permission");
  if (!features().audit) return;
  const UserScope user(event.user_id);
  WriteEvent(logger, Level::kInfo, kPermissionChanged, more, where, [&](Fields& fields) {
    fields.Add("target_user_id", event.target_user_id);
    fields.Add("permission", event.permission);
    fields.Text("before", event.before);
    fields.Text("after", event.after);
    fields.Text("resource", event.resource);
    fields.Text("ip_address", event.ip_address);
    fields.Add("security_level", std::string_view("audit"));
  });
}

void api_key_used(const ApiKeyUsedEvent& event, std::initializer_list<Field> more,
                  SourceLocation where) noexcept {
  static const Logger logger("audit.api_key");
  if (!features().audit) return;
  const UserScope user(event.user_id);
  constexpr size_t kPrefixBytes = 4;
  constexpr size_t kKeyBytesForPrefix = 20;  // four characters of a shorter key would be too much of it
  const EventKind& kind = event.accepted ? kApiKeyUsed : kApiKeyRejected;
  WriteEvent(logger, event.accepted ? Level::kInfo : Level::kWarning, kind, more, where, [&](Fields& fields) {
    if (event.api_key.size() >= kKeyBytesForPrefix) {
      fields.Text("api_key_prefix", CutText(event.api_key, kPrefixBytes));
    }
    fields.Add("api_key_hash", KeyHash(event.api_key));
    fields.Text("key_name", event.key_name);
    fields.Text("action", event.action);
    fields.Add("accepted", event.accepted);
    fields.Text("ip_address", event.ip_address);
    fields.Text("user_agent", CutText(event.user_agent, kUserAgentBytesMax));
    fields.Add("security_level", std::string_view("audit"));
  });
}

void suspicious_activity(const SuspiciousActivityEvent& event, std::initializer_list<Field> more,
                         SourceLocation where) noexcept {
  static const Logger logger("security.activity");
  const UserScope user(event.user_id);
  WriteEvent(logger, Level::kError, kSuspiciousActivity, more, where, [&](Fields& fields) {
    fields.Add("activity", event.activity);
    fields.Text("ip_address", event.ip_address);
    fields.Add("failures", event.failures);
    fields.Add("window_seconds", std::chrono::duration_cast<std::chrono::seconds>(event.window));
  });
}

void set_suspicion_policy(const SuspicionPolicy& policy) noexcept {
  try {
    auto fresh = std::make_shared<Tracking>(policy);
    const std::scoped_lock lock(tracking_mutex);
    TrackingSlot() = std::move(fresh);
  } catch (...) {  // no memory: the old one stays
  }
}

}  // namespace taffrail::events
