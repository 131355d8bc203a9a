// Checkpoints (C2SP tlog-checkpoint): how large a log is and its root, as the text of a signed note; and
// proofs of one record as files (C2SP tlog-proof).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "audit/hash.h"
#include "audit/note.h"
#include "audit/proof.h"
#include "base/status.h"

namespace taffrail::audit {

struct Checkpoint {
  std::string origin;  // which log: a name like a URL without scheme, logs.example.com/acme/audit
  uint64_t size = 0;
  Hash root{};
  std::vector<std::string> extensions;  // lines; ours have none

  std::string ToText() const;
  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

absl::StatusOr<Checkpoint> ParseCheckpointText(std::string_view text);  // InvalidArgument

struct SignedCheckpoint {
  Checkpoint checkpoint;
  Note note;
};

// Parses, and verifies that the log of this origin and one of these keys has signed it. InvalidArgument: no
// checkpoint; PermissionDenied: not that log's, or not signed by the keys.
absl::StatusOr<SignedCheckpoint> OpenCheckpoint(std::string_view bytes, std::span<const PublicKey> keys,
                                                std::string_view origin);
absl::StatusOr<SignedCheckpoint> ParseCheckpoint(std::string_view bytes);  // nothing verified

inline constexpr size_t kMaxProofHashes = 64;  // the height of the tallest tree
inline constexpr size_t kMaxProofBytes = kMaxNoteBytes + (128 << 10);

// A .tlog-proof file.
struct LogProof {
  std::string extra;  // bytes of ours that verifiers pass over
  uint64_t index = 0;
  Proof hashes;
  std::string checkpoint;  // a signed note, whole

  std::string ToString() const;
};
absl::StatusOr<LogProof> ParseLogProof(std::string_view bytes);  // InvalidArgument

// Whether the entry is in the log, going by the proof and the log's keys alone. The checkpoint, or why not.
absl::StatusOr<SignedCheckpoint> VerifyLogProof(const LogProof& proof, std::string_view entry,
                                                std::span<const PublicKey> keys, std::string_view origin);

}  // namespace taffrail::audit
