// All ledgers of a store: one for each tenant and class, opened when its first record comes.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/env.h"
#include "base/status.h"
#include "ledger/ledger.h"

namespace taffrail::ledger {

struct LedgersOptions {
  std::string data_dir;
  base::Env* env = nullptr;          // null: Env::Posix()
  std::string name = "taffrail";     // origins are NAME/TENANT/CLASS
  std::string key_dir;               // KEY_DIR/TENANT/CLASS.key; empty: DATA_DIR/audit-keys
  std::vector<std::string> command;  // a program that signs, in place of key files (key_file.h)
  std::shared_ptr<Cosigner> cosigner;
  int64_t checkpoint_interval_ms = 1000;
  uint64_t checkpoint_records = 10'000;
  // Each holds files and a thread. Tenants come from records: a sender that makes them up must not get more.
  size_t max_ledgers = 256;
};

struct LedgerName {
  std::string tenant;
  std::string ledger_class;
  friend bool operator==(const LedgerName&, const LedgerName&) = default;
  friend bool operator<(const LedgerName& a, const LedgerName& b) {
    return std::tie(a.tenant, a.ledger_class) < std::tie(b.tenant, b.ledger_class);
  }
};

class Ledgers {
 public:
  explicit Ledgers(LedgersOptions options);

  // Opens those that are on disk, so that a start proves each. The first error, with the others opened.
  [[nodiscard]] absl::Status OpenAll();
  // Opens or creates one, with a key of its own when it is new. InvalidArgument: no name for one;
  // ResourceExhausted: too many. A ledger that does not open keeps saying why.
  absl::StatusOr<Ledger*> Get(const LedgerName& name);
  // Those that are open; null for one of another name.
  std::vector<std::pair<LedgerName, Ledger*>> Open() const;
  Ledger* Find(const LedgerName& name) const;

  const LedgersOptions& options() const { return options_; }
  std::string OriginOf(const LedgerName& name) const;
  std::string KeyPathOf(const LedgerName& name) const;

 private:
  absl::StatusOr<std::unique_ptr<Ledger>> OpenOne(const LedgerName& name) const;

  const LedgersOptions options_;
  base::Env& env_;
  mutable absl::Mutex mutex_;
  std::map<LedgerName, std::unique_ptr<Ledger>> ledgers_ ABSL_GUARDED_BY(mutex_);
};

// The ledgers below a store's directory.
absl::StatusOr<std::vector<LedgerName>> ListLedgers(base::Env& env, const std::string& data_dir);

}  // namespace taffrail::ledger
