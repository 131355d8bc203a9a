// What a name says about its value: `dbPassword`, `X-Api-Key`, "AWS_SECRET_ACCESS_KEY", and not
// `token_count`.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace taffrail::redact {

enum class NameKind : uint8_t {
  kNone,
  kSecret,  // a password or a key: whatever stands there
  kWeak,    // `pass`, `pw`: a secret, unless it counts or tells how a test went
  kToken,   // a token or credential: when the value looks like one
  kKey,     // some other `…_key`: only when the value is random
  kHeader,  // authorization: a scheme, then what must go
  kCookie,  // name=value pairs
  kDigits,  // numbers of cards, cards' check digits, social security numbers
};

// The name in any spelling: words divided by what is no letter or digit, or by case. Bytes beyond
// kNameBytesMax are not looked at: no real name is that long.
inline constexpr size_t kNameBytesMax = 128;
NameKind JudgeName(std::string_view name);

// Logs say the same names over and over. Not thread-safe.
class NameCache {
 public:
  NameKind Judge(std::string_view name);

 private:
  struct Entry {
    uint64_t hash = 0;
    NameKind kind = NameKind::kNone;
  };
  std::array<Entry, 256> entries_;
};

// A single word that makes the one after it a name: `api` of "api key: …".
bool QualifiesKey(std::string_view word);

// arn:aws:secretsmanager:eu-west-1:123456789012:secret:NAME says where a secret is kept: what stands in text
// at [begin, end) is one of its parts, with another behind it.
bool IsPartOfArn(std::string_view text, size_t begin, size_t end);

}  // namespace taffrail::redact
