#include "audit/seal.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <cassert>
#include <memory>
#include <utility>

#include "audit/hash.h"

namespace taffrail::audit {
namespace {

constexpr size_t kTagBytes = 16;

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

const uint8_t* Bytes(std::string_view text) { return reinterpret_cast<const uint8_t*>(text.data()); }
uint8_t* Bytes(std::string& text) { return reinterpret_cast<uint8_t*>(text.data()); }

std::string Associated(std::string_view key_id, std::string_view path) {
  std::string text = "taffrail sealed v1\n";
  text.append(key_id);
  text.append(path);
  return text;
}

struct Parts {
  std::string key_id;
  std::string body;
};

std::optional<Parts> Split(std::string_view sealed) {
  if (!sealed.starts_with(kSealPrefix)) return std::nullopt;
  sealed.remove_prefix(kSealPrefix.size());
  const size_t colon = sealed.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  auto id = FromBase64(sealed.substr(0, colon));
  auto body = FromBase64(sealed.substr(colon + 1));
  if (!id || id->size() != kSealKeyIdBytes || !body || body->size() < kSealNonceBytes + kTagBytes) {
    return std::nullopt;
  }
  return Parts{*std::move(id), *std::move(body)};
}

}  // namespace

absl::StatusOr<std::string> Seal(std::string_view value, std::string_view path, const SealKey& key,
                                 std::string_view nonce) {
  assert(key.id.size() == kSealKeyIdBytes && key.key.size() == kSealKeyBytes &&
         nonce.size() == kSealNonceBytes);
  const std::string associated = Associated(key.id, path);
  std::string cipher(value.size(), '\0');
  std::string tag(kTagBytes, '\0');
  int size = 0;
  const Context context(EVP_CIPHER_CTX_new());
  if (!context ||
      EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, Bytes(key.key), Bytes(nonce)) != 1 ||
      EVP_EncryptUpdate(context.get(), nullptr, &size, Bytes(associated),
                        static_cast<int>(associated.size())) != 1 ||
      EVP_EncryptUpdate(context.get(), Bytes(cipher), &size, Bytes(value), static_cast<int>(value.size())) !=
          1 ||
      EVP_EncryptFinal_ex(context.get(), Bytes(cipher) + size, &size) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, Bytes(tag)) != 1) {
    return absl::InternalError("OpenSSL does not encrypt");
  }
  return fmt::format("{}{}:{}", kSealPrefix, Base64(key.id), Base64(std::string(nonce) + cipher + tag));
}

std::optional<std::string> SealedKeyId(std::string_view sealed) {
  std::optional<Parts> parts = Split(sealed);
  return parts ? std::optional(std::move(parts->key_id)) : std::nullopt;
}

absl::StatusOr<std::string> Unseal(std::string_view sealed, std::string_view path, const SealKey& key) {
  std::optional<Parts> parts = Split(sealed);
  if (!parts) return absl::InvalidArgumentError("not a sealed value");
  const std::string associated = Associated(parts->key_id, path);
  const std::string_view nonce = std::string_view(parts->body).substr(0, kSealNonceBytes);
  const size_t cipher_size = parts->body.size() - kSealNonceBytes - kTagBytes;
  const std::string_view cipher = std::string_view(parts->body).substr(kSealNonceBytes, cipher_size);
  std::string tag = parts->body.substr(kSealNonceBytes + cipher_size);
  std::string value(cipher_size, '\0');
  int size = 0;
  const Context context(EVP_CIPHER_CTX_new());
  if (!context || key.key.size() != kSealKeyBytes || parts->key_id != key.id ||
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, Bytes(key.key), Bytes(nonce)) != 1 ||
      EVP_DecryptUpdate(context.get(), nullptr, &size, Bytes(associated),
                        static_cast<int>(associated.size())) != 1 ||
      EVP_DecryptUpdate(context.get(), Bytes(value), &size, Bytes(cipher), static_cast<int>(cipher.size())) !=
          1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, Bytes(tag)) != 1 ||
      EVP_DecryptFinal_ex(context.get(), Bytes(value) + size, &size) != 1) {
    return absl::DataLossError("the sealed value was changed, or is another field's or another key's");
  }
  return value;
}

}  // namespace taffrail::audit
