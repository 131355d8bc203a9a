// A store written anew without its secrets.
//
// Every record is read in order and written into DIR.redacting, masked where it must be; then everything else
// that DIR holds moves over, and the directories change their names. A crash before that leaves DIR as it
// was. One between the two renames leaves DIR.unredacted, whole: it is renamed back, and the rewriting begun
// again. Nothing of the old store's bytes remains unless that is asked for: not in deleted rows, not in the
// write-ahead log.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/env.h"
#include "base/status.h"
#include "redact/policy.h"

namespace taffrail::cmd {

struct RewriteReport {
  uint64_t rows = 0;
  uint64_t masked = 0;
  std::string old_dir;  // empty: it is gone
  bool has_ledgers = false;
};

// FailedPrecondition: a server has the store open. `progress` gets (done, total) records.
absl::StatusOr<RewriteReport> RewriteStore(base::Env& env, const std::string& dir,
                                           std::shared_ptr<const redact::Policy> policy, bool keep_old,
                                           const std::function<void(uint64_t, uint64_t)>& progress);

}  // namespace taffrail::cmd
