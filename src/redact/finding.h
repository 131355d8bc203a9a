// What a detector found, and where it puts it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace taffrail::redact {

// The detectors that are code. Rules of tokens.yaml and a user's own are numbered after them.
enum Detector : uint16_t {
  kSecretField,     // name=value
  kAuthorization,   // the header's scheme stays
  kCookies,         //
  kUrlCredentials,  // scheme://user:password@host
  kCommandUser,     // curl -u user:password
  kEmail,           //
  kPaymentCard,     // issuer, length and check digit
  kSocialSecurity,  // US, with the areas that were ever given out
  kIban,            // country, length and check digits
  kJwt,             // its header decodes
  kPrivateKey,      // PEM
  kAppToken,        // Facebook: number|secret
  kFieldRule,       // a path of the configuration
  kDetectors,
};

enum class Mask : uint8_t {
  kStars,    // ***
  kPartial,  // sk-1234...cdef
  kEmail,    // u***@example.com
  kLast4,    // ***1111
  kHash,     // a keyed hash: equal values stay equal
  kZero,     // 0: where only a number may stand
  kRemove,   // nothing
};

struct Finding {
  size_t begin = 0;
  size_t end = 0;
  uint16_t rule = 0;
  Mask mask = Mask::kStars;
  uint8_t head = 0;  // kPartial: bytes of the token's own prefix
  // A bare JSON value: its mask needs quotes of its own, each behind quotes - 1 backslashes.
  uint8_t quotes = 0;
  bool escaped = false;  // the content of a JSON string, as it is written there
};

// One text, as detectors see it: a line, or a record that may hold several.
struct Subject {
  std::string_view text;
  bool json = false;  // begins as JSON does: a bare quote ends a string, whatever else one could read
};

using Findings = std::vector<Finding>;

}  // namespace taffrail::redact
