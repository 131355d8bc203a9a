// Old records go, with a signed statement: whole bundles of 256 and their hashes. What is above them in the
// tree stays, so the rest verifies as before.
#pragma once

#include <string>

#include "audit/key.h"
#include "audit/statement.h"
#include "base/env.h"
#include "base/status.h"

namespace taffrail::ledger {

// The statement for the records before `before` of a ledger of that size: never the bundle that still grows.
audit::Statement PruneStatement(std::string origin, uint64_t size, uint64_t before, int64_t time_ns,
                                std::string reason);
// Signs it, and then removes the bundles from `gone` (what was pruned already) up to its first record.
// Nothing when that is none. REQUIRES: nobody else writes statements of this ledger.
[[nodiscard]] absl::Status Prune(base::Env& env, const std::string& dir, const audit::Statement& statement,
                                 uint64_t gone, audit::Signer& signer);

}  // namespace taffrail::ledger
