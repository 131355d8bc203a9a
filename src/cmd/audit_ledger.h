// What the subcommands of `audit` share: which ledgers are meant, where they lie, and whose keys are trusted.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "audit/reader.h"
#include "audit/statement.h"
#include "audit/verify.h"
#include "base/env.h"
#include "base/status.h"
#include "cmd/exit_code.h"

namespace taffrail::cmd {

// One ledger that a command looks at.
struct LedgerPlace {
  std::string dir;  // or its URL
  std::unique_ptr<audit::Source> source;
};

// A ledger's directory, a store's directory (then all its ledgers), or the URL of one ledger
// (http://host:4880/api/v1/audit/TENANT/CLASS). NotFound: none.
absl::StatusOr<std::vector<LedgerPlace>> FindLedgers(base::Env& env, const std::string& path);
// The same, for commands that want exactly one.
absl::StatusOr<LedgerPlace> FindLedger(base::Env& env, const std::string& path);

struct TrustedKeys {
  audit::KeyChain chain;
  std::string origin;
  bool from_ledger = false;  // nobody gave a key: the ledger's own word for it
};
// `key` is a verifier key, a file with some, or empty: those in the ledger. Follows the ledger's statements.
absl::StatusOr<TrustedKeys> KeysOf(base::Env& env, LedgerPlace& place, const std::string& key);
absl::StatusOr<std::vector<audit::PublicKey>> ParseKeys(base::Env& env, const std::string& text);

audit::VerifyReport Verify(LedgerPlace& place, const TrustedKeys& keys);

// Every record from `first` on; false of `take` ends it.
using TakeRecord = std::function<bool(uint64_t index, std::string_view line)>;
absl::Status ForEachRecord(audit::Source& source, uint64_t first, uint64_t size, const TakeRecord& take);

}  // namespace taffrail::cmd
