// Ledgers that forget by themselves: once an hour the records that are older than their class allows go, with
// a signed statement each time (ledger/prune.h).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <thread>

#include "absl/synchronization/notification.h"
#include "base/env.h"
#include "base/status.h"
#include "ledger/ledgers.h"

namespace taffrail::ingest {

// The first record that is not older than `since_ns`, from `first` on. A ledger is in the order in which its
// records came, so what came late is kept longer, never shorter; one without a time is kept, and all after
// it.
absl::StatusOr<uint64_t> FirstRecordSince(audit::Source& source, uint64_t first, uint64_t size,
                                          int64_t since_ns);

// By class, in nanoseconds; "*" for the classes that have none of their own.
using AuditAges = std::map<std::string, int64_t>;

class AuditRetention {
 public:
  static constexpr int64_t kEverySeconds = 3600;

  // The ledgers outlive it. No thread when there is nothing to forget.
  AuditRetention(AuditAges ages, ledger::Ledgers& ledgers, base::Env& env);
  ~AuditRetention();

  // Every open ledger, now. A legal hold stops it; a ledger that does not verify keeps everything. The first
  // error, and it has been told on the standard error.
  absl::Status Run();

 private:
  absl::Status PruneOne(const ledger::LedgerName& name, ledger::Ledger& ledger, int64_t age_ns);

  const AuditAges ages_;
  ledger::Ledgers& ledgers_;
  base::Env& env_;
  absl::Notification stop_;
  std::thread thread_;
};

}  // namespace taffrail::ingest
