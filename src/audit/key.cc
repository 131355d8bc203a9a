#include "audit/key.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <cassert>
#include <optional>
#include <utility>
#include <vector>

namespace taffrail::audit {
namespace {

constexpr size_t kSeedBytes = 32;
constexpr size_t kSignatureBytes = 64;
constexpr size_t kMaxKeyTextBytes = 4096;  // a name is a host and a path; nobody's is longer
constexpr std::string_view kPrivatePrefix = "PRIVATE+KEY+";

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using OsslKey = std::unique_ptr<EVP_PKEY, FreeKey>;
using OsslContext = std::unique_ptr<EVP_MD_CTX, FreeKey>;

const uint8_t* Bytes(std::string_view text) { return reinterpret_cast<const uint8_t*>(text.data()); }

uint32_t KeyId(std::string_view name, KeyType type, std::string_view key) {
  std::string text(name);
  text += '\n';
  text += static_cast<char>(type);
  text.append(key);
  const Hash hash = Sha256(text);
  return (uint32_t{hash[0]} << 24U) | (uint32_t{hash[1]} << 16U) | (uint32_t{hash[2]} << 8U) | hash[3];
}

// A key's text in its parts, checked but for the id.
struct KeyText {
  std::string name;
  uint32_t id = 0;
  KeyType type = KeyType::kEd25519;
  std::string key;
};

std::optional<KeyText> Split(std::string_view text) {
  if (text.size() > kMaxKeyTextBytes) return std::nullopt;
  const size_t first = text.find('+');
  if (first == std::string_view::npos) return std::nullopt;
  const size_t second = text.find('+', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  KeyText parts;
  parts.name = text.substr(0, first);
  const auto id = FromHex(text.substr(first + 1, second - first - 1));
  const auto key = FromBase64(text.substr(second + 1));
  if (!IsKeyName(parts.name) || !id || id->size() != 4 || !key || key->size() != 1 + kSeedBytes) {
    return std::nullopt;
  }
  for (const char c : *id) parts.id = (parts.id << 8U) | static_cast<uint8_t>(c);
  parts.type = static_cast<KeyType>(key->front());
  if (parts.type != KeyType::kEd25519 && parts.type != KeyType::kCosignature) return std::nullopt;
  parts.key = key->substr(1);
  return parts;
}

}  // namespace

bool IsKeyName(std::string_view name) {
  if (name.empty()) return false;
  for (const char c : name) {
    if (static_cast<uint8_t>(c) <= ' ' || c == '+' || c == 0x7f) return false;
  }
  // White space beyond ASCII, as the format forbids it too: NEL, NBSP, and U+1680 to U+3000.
  for (const std::string_view space : {"\xc2\x85", "\xc2\xa0", "\xe1\x9a\x80", "\xe2\x80\xa8", "\xe2\x80\xa9",
                                       "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"}) {
    if (name.find(space) != std::string_view::npos) return false;
  }
  for (size_t at = name.find("\xe2\x80"); at != std::string_view::npos; at = name.find("\xe2\x80", at + 1)) {
    if (at + 2 < name.size() && static_cast<uint8_t>(name[at + 2]) <= 0x8a) return false;  // U+2000 to 200A
  }
  return true;
}

PublicKey PublicKey::Make(std::string name, KeyType type, std::string_view key) {
  assert(IsKeyName(name) && key.size() == kSeedBytes);
  PublicKey made;
  made.id_ = KeyId(name, type, key);
  made.name_ = std::move(name);
  made.type_ = type;
  made.key_ = key;
  return made;
}

absl::StatusOr<PublicKey> PublicKey::Parse(std::string_view text) {
  std::optional<KeyText> parts = Split(text);
  if (!parts) {
    return absl::InvalidArgumentError(
        "not a verifier key; one looks like example.com/log+33d7b496+AeHTu4Q3hEIM…, with Ed25519 in it");
  }
  PublicKey key = Make(std::move(parts->name), parts->type, parts->key);
  if (key.id_ != parts->id) {
    return absl::InvalidArgumentError(fmt::format(
        "the verifier key of {} has the id {:08x}, and its bytes have {:08x}: it was changed or cut",
        key.name_, parts->id, key.id_));
  }
  return key;
}

std::string PublicKey::ToString() const {
  std::string typed(1, static_cast<char>(type_));
  typed += key_;
  return fmt::format("{}+{:08x}+{}", name_, id_, Base64(typed));
}

bool PublicKey::Verify(std::string_view message, std::string_view signature) const {
  if (signature.size() != kSignatureBytes) return false;
  const OsslKey key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Bytes(key_), key_.size()));
  const OsslContext context(EVP_MD_CTX_new());
  return key && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), Bytes(signature), signature.size(), Bytes(message),
                          message.size()) == 1;
}

absl::StatusOr<PrivateKey> PrivateKey::FromSeed(std::string name, KeyType type, std::string_view seed) {
  if (!IsKeyName(name)) {
    return absl::InvalidArgumentError(fmt::format(
        "\"{}\" is no name for a key: no white space and no + in it, as in logs.example.com/audit", name));
  }
  if (seed.size() != kSeedBytes) return absl::InvalidArgumentError("a seed has 32 bytes");
  const OsslKey key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, Bytes(seed), seed.size()));
  std::string public_bytes(kSeedBytes, '\0');
  size_t size = public_bytes.size();
  if (!key ||
      EVP_PKEY_get_raw_public_key(key.get(), reinterpret_cast<uint8_t*>(public_bytes.data()), &size) != 1) {
    return absl::InternalError("OpenSSL makes no Ed25519 key of the seed");
  }
  PrivateKey made;
  made.seed_ = seed;
  made.public_key_ = PublicKey::Make(std::move(name), type, public_bytes);
  return made;
}

absl::StatusOr<PrivateKey> PrivateKey::Parse(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  std::optional<KeyText> parts;
  if (text.starts_with(kPrivatePrefix)) parts = Split(text.substr(kPrivatePrefix.size()));
  if (!parts) {
    return absl::InvalidArgumentError("not a signing key; `taffrail audit key new` makes one: PRIVATE+KEY+…");
  }
  TAFFRAIL_ASSIGN_OR_RETURN(PrivateKey key, FromSeed(std::move(parts->name), parts->type, parts->key));
  if (key.public_key().id() != parts->id) {
    return absl::InvalidArgumentError("the signing key's id is not that of its bytes: it was changed or cut");
  }
  return key;
}

absl::StatusOr<std::string> PrivateKey::Sign(std::string_view message) {
  const OsslKey key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, Bytes(seed_), seed_.size()));
  const OsslContext context(EVP_MD_CTX_new());
  std::string signature(kSignatureBytes, '\0');
  size_t size = signature.size();
  if (!key || !context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<uint8_t*>(signature.data()), &size, Bytes(message),
                     message.size()) != 1) {
    return absl::InternalError("OpenSSL does not sign");
  }
  return signature;
}

std::string PrivateKey::ToString() const {
  std::string typed(1, static_cast<char>(public_key_.type()));
  typed += seed_;
  return fmt::format("{}{}+{:08x}+{}", kPrivatePrefix, public_key_.name(), public_key_.id(), Base64(typed));
}

}  // namespace taffrail::audit
