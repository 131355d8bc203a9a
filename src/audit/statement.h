// Statements that a log's keys sign beside its checkpoints (docs/format/ledger.md): that another key takes
// over, and which records may be missing because they were old enough.
//
//   taffrail.statement/v1
//   rotate | prune
//   <origin>
//   <size of the log when it was made>
//   <the new verifier key> | <number of the first record that is kept>
//   <Unix time, seconds>
//   <why, one line>
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit/key.h"
#include "audit/note.h"
#include "base/status.h"

namespace taffrail::audit {

struct Statement {
  enum class Kind : uint8_t { kRotate, kPrune };
  Kind kind = Kind::kPrune;
  std::string origin;
  uint64_t size = 0;
  std::string new_key;        // kRotate
  uint64_t first_record = 0;  // kPrune: a multiple of 256
  uint64_t time_s = 0;
  std::string reason;

  std::string ToText() const;
};
absl::StatusOr<Statement> ParseStatement(std::string_view text);  // InvalidArgument

// What a log's statements come to, for someone who trusts one of its keys.
struct KeyChain {
  std::vector<PublicKey> keys;  // the trusted ones, and those they handed over to, in that order
  uint64_t first_record = 0;    // those before it were pruned, and it is signed that they were
};

// `notes` in the order in which they were made. PermissionDenied: one is not signed by a key of the chain;
// a rotation must be signed by the new key as well, so that nobody hands over to a key they do not have.
absl::StatusOr<KeyChain> FollowStatements(std::vector<PublicKey> trusted, std::string_view origin,
                                          std::span<const std::string> notes);

}  // namespace taffrail::audit
