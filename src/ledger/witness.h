// A witness (C2SP tlog-witness): remembers how far it has seen each log it was told of, and cosigns a
// checkpoint only when it extends that. Two logs' histories can then not both be cosigned.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "audit/checkpoint.h"
#include "audit/key.h"
#include "base/env.h"
#include "base/status.h"

namespace taffrail::ledger {

// What an add-checkpoint request asks.
struct AddCheckpoint {
  uint64_t old_size = 0;
  audit::Proof proof;
  std::string checkpoint;

  std::string ToString() const;
};
absl::StatusOr<AddCheckpoint> ParseAddCheckpoint(std::string_view body);  // InvalidArgument

struct WitnessAnswer {
  int status = 200;  // HTTP's
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;  // 200: signature lines; 409: the size that is known; else what is wrong
};

struct WitnessOptions {
  std::string dir;                        // one file a log: the last checkpoint that was cosigned
  base::Env* env = nullptr;               // null: Env::Posix()
  std::shared_ptr<audit::Signer> signer;  // of type kCosignature
  std::vector<audit::PublicKey> logs;     // origin and key of each log; the name is the origin
};

// Thread-safe.
class Witness {
 public:
  explicit Witness(WitnessOptions options);
  WitnessAnswer Add(std::string_view body);
  const audit::PublicKey& public_key() const { return options_.signer->public_key(); }

 private:
  absl::StatusOr<audit::Checkpoint> LastOf(const std::string& origin) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const WitnessOptions options_;
  base::Env& env_;
  absl::Mutex mutex_;  // what is known is read, compared, written and only then signed
};

}  // namespace taffrail::ledger
