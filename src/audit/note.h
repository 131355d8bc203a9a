// Signed notes (C2SP signed-note): a text that people can read, and who stands for it.
//
//   logs.example.com/audit            the text: UTF-8, no control characters but newlines, ends with one
//   1024
//   rKbDip…383cs=
//                                     an empty line
//   — logs.example.com/audit M9e0luh4j…      U+2014, name, base64(key id || signature)
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit/key.h"
#include "base/status.h"

namespace taffrail::audit {

inline constexpr size_t kMaxNoteBytes = 64 << 10;  // a checkpoint has some hundred bytes
inline constexpr size_t kMaxNoteSignatures = 64;   // the format asks for 16 at least

struct NoteSignature {
  std::string name;
  uint32_t key_id = 0;
  std::string bytes;  // what follows the key id
};

struct Note {
  std::string text;
  std::vector<NoteSignature> signatures;

  std::string ToString() const;
};

// InvalidArgument says what is wrong with the form. Nothing is verified.
absl::StatusOr<Note> ParseNote(std::string_view bytes);

// Whether at least one of the keys has signed, and none of those that are named by a signature has a wrong
// one. Signatures of unknown keys are passed over. The index of the key, or PermissionDenied.
absl::StatusOr<size_t> VerifyNote(const Note& note, std::span<const PublicKey> keys);

// Text that may be signed: not empty, ends with a newline, UTF-8, no other control characters.
bool IsNoteText(std::string_view text);
absl::StatusOr<NoteSignature> SignText(std::string_view text, Signer& signer);

// What a cosigner signs: the note's text and when it saw it (C2SP tlog-cosignature), and its signature.
std::string CosignedMessage(std::string_view text, uint64_t time_s);
absl::StatusOr<NoteSignature> Cosign(std::string_view text, uint64_t time_s, Signer& signer);
// Whether the signature is this key's, of either type; and when a cosigner saw the text (0: not one's).
bool VerifySignature(std::string_view text, const NoteSignature& signature, const PublicKey& key,
                     uint64_t* time_s = nullptr);

}  // namespace taffrail::audit
