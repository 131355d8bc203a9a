#include "ledger/prune.h"

#include <algorithm>
#include <utility>

#include "audit/tile.h"
#include "ledger/statements.h"

namespace taffrail::ledger {

audit::Statement PruneStatement(std::string origin, uint64_t size, uint64_t before, int64_t time_ns,
                                std::string reason) {
  audit::Statement statement;
  statement.kind = audit::Statement::Kind::kPrune;
  statement.origin = std::move(origin);
  statement.size = size;
  statement.first_record = std::min(before, size) / audit::kTileWidth * audit::kTileWidth;
  statement.time_s = static_cast<uint64_t>(time_ns / 1'000'000'000);
  statement.reason = std::move(reason);
  return statement;
}

absl::Status Prune(base::Env& env, const std::string& dir, const audit::Statement& statement, uint64_t gone,
                   audit::Signer& signer) {
  if (statement.first_record <= gone) return absl::OkStatus();
  TAFFRAIL_RETURN_IF_ERROR(AddStatement(env, dir, statement, {&signer}));
  for (uint64_t k = gone / audit::kTileWidth; k < statement.first_record / audit::kTileWidth; ++k) {
    for (const int level : {0, audit::kEntriesLevel}) {
      const std::string path = base::JoinPath(dir, audit::TilePath({level, k}));
      if (env.Exists(path)) TAFFRAIL_RETURN_IF_ERROR(env.Remove(path));
    }
  }
  return absl::OkStatus();
}

}  // namespace taffrail::ledger
