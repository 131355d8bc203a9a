// Notes, checkpoints, proofs, keys, statements, sealed values and tile paths of hostile bytes: refused, or
// the same when written again.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "audit/checkpoint.h"
#include "audit/seal.h"
#include "audit/statement.h"
#include "audit/tile.h"

namespace {

namespace audit = taffrail::audit;

void Check(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto note = audit::ParseNote(bytes); note.ok()) {
    Check(note->ToString() == bytes);
    Check(audit::IsNoteText(note->text));
    const auto key =
        audit::PublicKey::Parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");
    Check(key.ok());
    audit::VerifyNote(*note, std::span(&*key, 1)).status().IgnoreError();
  }
  if (const auto checkpoint = audit::ParseCheckpointText(bytes); checkpoint.ok()) {
    Check(checkpoint->ToText() == bytes);
  }
  if (const auto proof = audit::ParseLogProof(bytes); proof.ok()) Check(proof->ToString() == bytes);
  if (const auto key = audit::PublicKey::Parse(bytes); key.ok()) Check(key->ToString() == bytes);
  audit::PrivateKey::Parse(bytes).status().IgnoreError();
  if (const auto tile = audit::ParseTilePath(bytes)) Check(audit::TilePath(*tile) == bytes);
  if (const auto decoded = audit::FromBase64(bytes)) Check(audit::Base64(*decoded) == bytes);
  if (const auto statement = audit::ParseStatement(bytes); statement.ok())
    Check(statement->ToText() == bytes);
  if (audit::SealedKeyId(bytes)) {
    audit::Unseal(bytes, "a", {std::string(16, 'i'), std::string(32, 'k')}).status().IgnoreError();
  }
  return 0;
}
