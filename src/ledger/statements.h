// A ledger's statements on disk: DIR/statements/<number, 6 digits>, in the order in which they were made.
#pragma once

#include <string>
#include <vector>

#include "audit/statement.h"
#include "base/env.h"
#include "base/status.h"

namespace taffrail::ledger {

absl::StatusOr<std::vector<std::string>> ReadStatements(base::Env& env, const std::string& dir);
// Signs and adds one. REQUIRES: nobody else adds.
[[nodiscard]] absl::Status AddStatement(base::Env& env, const std::string& dir,
                                        const audit::Statement& statement,
                                        const std::vector<audit::Signer*>& signers);

// The keys that key.pub names, one a line.
absl::StatusOr<std::vector<audit::PublicKey>> ReadPublicKeys(base::Env& env, const std::string& path);

}  // namespace taffrail::ledger
