// Ledgers in tests: a key that is always the same, and a signer that remembers what it signed.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "audit/verify.h"
#include "ledger/ledger.h"

namespace taffrail::ledger {

class RecordingSigner final : public audit::Signer {
 public:
  explicit RecordingSigner(std::string name = "example.com/t/audit", char seed = 's')
      : key_(*audit::PrivateKey::FromSeed(std::move(name), audit::KeyType::kEd25519, std::string(32, seed))) {
  }
  const audit::PublicKey& public_key() const override { return key_.public_key(); }
  absl::StatusOr<std::string> Sign(std::string_view message) override {
    const absl::MutexLock lock(&mutex_);
    if (!error.ok()) return error;
    absl::StatusOr<std::string> signature = key_.Sign(message);
    signed_texts.emplace_back(message);
    signatures.push_back({public_key().name(), public_key().id(), *signature});
    return signature;
  }
  // Every checkpoint that was ever signed, published or not.
  std::vector<audit::KeptCheckpoint> Checkpoints() {
    std::vector<audit::KeptCheckpoint> kept;
    for (size_t i = 0; i < signed_texts.size(); ++i) {
      const audit::Note note{signed_texts[i], {signatures[i]}};
      kept.push_back({"signed " + std::to_string(kept.size()), note.ToString()});
    }
    return kept;
  }

  std::vector<std::string> signed_texts;
  std::vector<audit::NoteSignature> signatures;
  absl::Status error;

 private:
  absl::Mutex mutex_;
  audit::PrivateKey key_;
};

inline audit::VerifyReport VerifyDir(base::Env& env, const std::string& dir, RecordingSigner& signer) {
  DirectorySource source(env, dir);
  audit::VerifyOptions options;
  options.keys = {signer.public_key()};
  options.kept = signer.Checkpoints();
  return audit::VerifyLog(source, options);
}

}  // namespace taffrail::ledger
