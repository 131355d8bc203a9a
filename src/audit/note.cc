#include "audit/note.h"

#include <fmt/format.h>

#include <utility>

namespace taffrail::audit {
namespace {

constexpr std::string_view kDash = "\xe2\x80\x94 ";  // U+2014 and a blank
constexpr size_t kKeyIdBytes = 4;
constexpr size_t kTimeBytes = 8;

// The bytes of the well-formed UTF-8 character at the beginning; 0: there is none.
size_t CharacterBytes(std::string_view text) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : 0U; };
  const auto tail = [&](size_t i) { return (byte(i) & 0xc0U) == 0x80U; };
  const uint8_t first = static_cast<uint8_t>(text.front());
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return tail(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    if ((first == 0xe0 && byte(1) < 0xa0) || (first == 0xed && byte(1) > 0x9f)) return 0;
    return tail(1) && tail(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    if ((first == 0xf0 && byte(1) < 0x90) || (first == 0xf4 && byte(1) > 0x8f)) return 0;
    return tail(1) && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

bool IsCleanText(std::string_view text) {
  while (!text.empty()) {
    const size_t size = CharacterBytes(text);
    if (size == 0 || (static_cast<uint8_t>(text.front()) < ' ' && text.front() != '\n')) return false;
    text.remove_prefix(size);
  }
  return true;
}

absl::Status BadNote(std::string_view what) {
  return absl::InvalidArgumentError(fmt::format("not a signed note: {}", what));
}

absl::StatusOr<NoteSignature> ParseSignature(std::string_view line) {
  if (!line.starts_with(kDash)) return BadNote("a signature line begins with an em dash and a blank");
  line.remove_prefix(kDash.size());
  const size_t blank = line.find(' ');
  NoteSignature signature;
  signature.name = line.substr(0, blank);
  if (blank == std::string_view::npos || !IsKeyName(signature.name)) {
    return BadNote("a signature line has a name and base64, with one blank between them");
  }
  const auto bytes = FromBase64(line.substr(blank + 1));
  if (!bytes || bytes->size() <= kKeyIdBytes) {
    return BadNote(
        fmt::format("the signature of {} is not base64 of a key id and a signature", signature.name));
  }
  for (size_t i = 0; i < kKeyIdBytes; ++i) {
    signature.key_id = (signature.key_id << 8U) | static_cast<uint8_t>((*bytes)[i]);
  }
  signature.bytes = bytes->substr(kKeyIdBytes);
  return signature;
}

NoteSignature MadeBy(const Signer& signer, std::string bytes) {
  return {signer.public_key().name(), signer.public_key().id(), std::move(bytes)};
}

}  // namespace

std::string Note::ToString() const {
  std::string out = text + '\n';
  for (const NoteSignature& signature : signatures) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) {
      bytes += static_cast<char>((signature.key_id >> static_cast<unsigned>(shift)) & 255U);
    }
    bytes += signature.bytes;
    out += fmt::format("{}{} {}\n", kDash, signature.name, Base64(bytes));
  }
  return out;
}

bool IsNoteText(std::string_view text) { return text.ends_with('\n') && IsCleanText(text); }

absl::StatusOr<Note> ParseNote(std::string_view bytes) {
  if (bytes.size() > kMaxNoteBytes) return BadNote(fmt::format("longer than {} bytes", kMaxNoteBytes));
  if (!bytes.ends_with('\n')) return BadNote("it does not end with a newline");
  if (!IsCleanText(bytes)) return BadNote("it has control characters or is not UTF-8");
  const size_t split = bytes.rfind("\n\n");  // the text may have empty lines of its own; the last one counts
  if (split == std::string_view::npos) return BadNote("no empty line between text and signatures");
  Note note;
  note.text = bytes.substr(0, split + 1);
  std::string_view lines = bytes.substr(split + 2);
  if (lines.empty()) return BadNote("no signature");
  while (!lines.empty()) {
    if (note.signatures.size() == kMaxNoteSignatures) return BadNote("too many signatures");
    const size_t end = lines.find('\n');
    TAFFRAIL_ASSIGN_OR_RETURN(NoteSignature signature, ParseSignature(lines.substr(0, end)));
    note.signatures.push_back(std::move(signature));
    lines.remove_prefix(end + 1);
  }
  return note;
}

bool VerifySignature(std::string_view text, const NoteSignature& signature, const PublicKey& key,
                     uint64_t* time_s) {
  if (signature.name != key.name() || signature.key_id != key.id()) return false;
  if (time_s != nullptr) *time_s = 0;
  if (key.type() == KeyType::kEd25519) return key.Verify(text, signature.bytes);
  if (signature.bytes.size() < kTimeBytes) return false;
  uint64_t time = 0;
  for (size_t i = 0; i < kTimeBytes; ++i) time = (time << 8U) | static_cast<uint8_t>(signature.bytes[i]);
  if (!key.Verify(CosignedMessage(text, time), std::string_view(signature.bytes).substr(kTimeBytes))) {
    return false;
  }
  if (time_s != nullptr) *time_s = time;
  return true;
}

absl::StatusOr<size_t> VerifyNote(const Note& note, std::span<const PublicKey> keys) {
  size_t verified = keys.size();
  for (const NoteSignature& signature : note.signatures) {
    for (size_t i = 0; i < keys.size(); ++i) {
      if (signature.name != keys[i].name() || signature.key_id != keys[i].id()) continue;
      if (!VerifySignature(note.text, signature, keys[i])) {
        return absl::PermissionDeniedError(
            fmt::format("the signature of {} ({:08x}) does not fit the text: one of the two was changed",
                        signature.name, signature.key_id));
      }
      if (verified == keys.size()) verified = i;
    }
  }
  if (verified != keys.size()) return verified;
  std::string signers;
  for (const NoteSignature& signature : note.signatures) {
    signers += fmt::format("{}{} ({:08x})", signers.empty() ? "" : ", ", signature.name, signature.key_id);
  }
  return absl::PermissionDeniedError(
      fmt::format("signed by {}, and by none of the keys that were given", signers));
}

absl::StatusOr<NoteSignature> SignText(std::string_view text, Signer& signer) {
  if (!IsNoteText(text)) return absl::InvalidArgumentError("no text that can be signed");
  TAFFRAIL_ASSIGN_OR_RETURN(std::string bytes, signer.Sign(text));
  return MadeBy(signer, std::move(bytes));
}

std::string CosignedMessage(std::string_view text, uint64_t time_s) {
  return fmt::format("cosignature/v1\ntime {}\n{}", time_s, text);
}

absl::StatusOr<NoteSignature> Cosign(std::string_view text, uint64_t time_s, Signer& signer) {
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string bytes, signer.Sign(CosignedMessage(text, time_s)));
  std::string timed;
  for (int shift = 56; shift >= 0; shift -= 8) {
    timed += static_cast<char>((time_s >> static_cast<unsigned>(shift)) & 255U);
  }
  return MadeBy(signer, timed + bytes);
}

}  // namespace taffrail::audit
