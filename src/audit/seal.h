// Personal values, encrypted so that destroying a key erases them while every hash above them stays true.
//
//   sealed:v1:<base64(key id, 16 bytes)>:<base64(nonce[12] || ciphertext || tag[16])>
//
// AES-256-GCM; what is authenticated beside the value is "taffrail sealed v1\n" || key id || field path, so
// that a value can be moved to no other field and no other subject.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"

namespace taffrail::audit {

inline constexpr size_t kSealKeyBytes = 32;
inline constexpr size_t kSealKeyIdBytes = 16;
inline constexpr size_t kSealNonceBytes = 12;
inline constexpr std::string_view kSealPrefix = "sealed:v1:";

struct SealKey {
  std::string id;   // 16 bytes, random
  std::string key;  // 32 bytes, secret
};

// `nonce` is 12 random bytes, never used twice with one key: with a key for each subject, 2^32 values of one
// person are out of reach.
absl::StatusOr<std::string> Seal(std::string_view value, std::string_view path, const SealKey& key,
                                 std::string_view nonce);

// The key id that a sealed value names; nothing when it is no sealed value.
std::optional<std::string> SealedKeyId(std::string_view sealed);
// InvalidArgument: no sealed value. DataLoss: it was changed, or belongs to another field or key.
absl::StatusOr<std::string> Unseal(std::string_view sealed, std::string_view path, const SealKey& key);

}  // namespace taffrail::audit
