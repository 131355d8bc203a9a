// Keys of C2SP signed notes: Ed25519, and the timestamped cosignatures of witnesses.
//
//   public:  <name>+<8 hex digits of key id>+<base64(type || public key)>
//   private: PRIVATE+KEY+<name>+<8 hex digits of key id>+<base64(type || seed)>
//   key id:  the first four bytes of SHA-256(name || "\n" || type || public key)
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "audit/hash.h"
#include "base/status.h"

namespace taffrail::audit {

enum class KeyType : uint8_t {
  kEd25519 = 0x01,      // signs a note's text
  kCosignature = 0x04,  // signs a checkpoint and the time it was seen (cosignature.h)
};

class PublicKey {
 public:
  // InvalidArgument: no such text, an id that is not the key's, a type that is not one of ours.
  static absl::StatusOr<PublicKey> Parse(std::string_view text);
  // REQUIRES: key has 32 bytes, IsKeyName(name).
  static PublicKey Make(std::string name, KeyType type, std::string_view key);

  const std::string& name() const { return name_; }
  KeyType type() const { return type_; }
  uint32_t id() const { return id_; }
  std::string ToString() const;
  // Whether this is the key's Ed25519 signature of the message.
  bool Verify(std::string_view message, std::string_view signature) const;

  friend bool operator==(const PublicKey&, const PublicKey&) = default;

 private:
  std::string name_;
  KeyType type_ = KeyType::kEd25519;
  std::string key_;
  uint32_t id_ = 0;
};

// Not empty, valid UTF-8, no white space and no '+'.
bool IsKeyName(std::string_view name);

// Who signs: a key in memory, or a program that keeps it (ledger/command_signer.h).
class Signer {
 public:
  virtual ~Signer() = default;
  virtual const PublicKey& public_key() const = 0;
  // The 64 bytes of an Ed25519 signature.
  virtual absl::StatusOr<std::string> Sign(std::string_view message) = 0;
};

class PrivateKey final : public Signer {
 public:
  static absl::StatusOr<PrivateKey> Parse(std::string_view text);  // InvalidArgument; never quotes the text
  static absl::StatusOr<PrivateKey> FromSeed(std::string name, KeyType type, std::string_view seed);

  const PublicKey& public_key() const override { return public_key_; }
  absl::StatusOr<std::string> Sign(std::string_view message) override;
  std::string ToString() const;  // secret

 private:
  std::string seed_;
  PublicKey public_key_;
};

}  // namespace taffrail::audit
