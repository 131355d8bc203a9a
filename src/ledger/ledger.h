// One audit ledger on disk: appended to in groups, signed now and then, crash safe.
//
//   Append ─ journal, synced ─ tree ─ acknowledged
//                              └ every second: tiles, synced ─ checkpoint, signed and synced
//
// docs/format/ledger.md says what is durable when. Thread safety: every method may be called from any thread.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "audit/checkpoint.h"
#include "audit/key.h"
#include "audit/reader.h"
#include "audit/tree.h"
#include "base/env.h"
#include "base/status.h"
#include "ledger/files.h"
#include "ledger/journal.h"

namespace taffrail::ledger {

// Asks others to sign a checkpoint too (server/witness_client.h).
class Cosigner {
 public:
  virtual ~Cosigner() = default;
  // The signatures that were had. `source` has the tiles of the checkpoint, which is on disk already.
  virtual std::vector<audit::NoteSignature> Cosign(const audit::SignedCheckpoint& checkpoint,
                                                   audit::Source& source) = 0;
};

struct LedgerOptions {
  std::string dir;
  base::Env* env = nullptr;                // null: Env::Posix()
  std::shared_ptr<audit::Signer> signer;   // its name is the log's origin
  std::vector<audit::PublicKey> old_keys;  // that may have signed the checkpoint on disk
  std::shared_ptr<Cosigner> cosigner;      // null: none
  int64_t checkpoint_interval_ms = 1000;
  uint64_t checkpoint_records = 10'000;  // sooner, after so many
  // What is held until it is in tiles. A disk that takes no tiles must not fill the memory: appends then
  // fail.
  size_t max_pending_bytes = size_t{64} << 20;
  bool background = true;  // a thread that signs; tests that count writes call Publish by hand
};

struct LedgerState {
  uint64_t size = 0;  // acknowledged
  uint64_t signed_size = 0;
  std::string checkpoint;      // the signed note
  int64_t checkpoint_ns = 0;   // when it was signed; 0: before this start
  uint64_t checkpoints = 0;    // since the start
  uint64_t cosignatures = 0;   // on this checkpoint
  absl::Status publish_error;  // why there is no newer one
};

class Ledger {
 public:
  // Opens or creates it, and proves that what is there extends the last checkpoint. DataLoss: it does not;
  // the message says where. FailedPrecondition: another process has it open. PermissionDenied: the checkpoint
  // is not signed by these keys.
  static absl::StatusOr<std::unique_ptr<Ledger>> Open(LedgerOptions options);
  ~Ledger();  // signs what is not signed yet, if it can

  // Returns when the records are durable, in the tree, in this order; the number of the first. Longer lines
  // than an entry may be are represented by their hash. On an error none of them is in the tree.
  // ResourceExhausted: disk full, Unavailable: a failed write, or checkpoints that cannot be written.
  absl::StatusOr<uint64_t> Append(std::span<const std::string_view> lines);

  // Signs everything that was appended before the call.
  [[nodiscard]] absl::Status Publish();

  // Removes whole bundles below `before` with a statement of its own (prune.h). `gone`: what statements so
  // far have pruned.
  [[nodiscard]] absl::Status Prune(uint64_t before, uint64_t gone, std::string reason);

  LedgerState State() const;
  DirectorySource& source() { return source_; }
  const std::string& dir() const { return options_.dir; }
  const audit::PublicKey& public_key() const { return options_.signer->public_key(); }
  const std::string& origin() const { return options_.signer->public_key().name(); }

  // What the tree holds for a line: the line itself, or what stands for one that is too long.
  static std::string EntryOf(std::string_view line);

 private:
  struct Pending;
  struct Snapshot;

  explicit Ledger(LedgerOptions options);
  absl::Status Load();
  absl::Status LoadTree(const audit::Checkpoint& checkpoint);
  absl::Status LoadJournal();
  absl::Status CreateEmpty();
  void LeadAppend();
  void Admit(const std::vector<Pending*>& group) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status WriteTiles(const Snapshot& snapshot) ABSL_EXCLUSIVE_LOCKS_REQUIRED(publishing_);
  absl::Status WriteCheckpoint(const audit::Checkpoint& checkpoint)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(publishing_);
  void AskCosigner() ABSL_EXCLUSIVE_LOCKS_REQUIRED(publishing_);
  void Run();
  size_t PendingBytes() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return bundle_bytes_; }

  const LedgerOptions options_;
  base::Env& env_;
  std::unique_ptr<base::FileLock> lock_;
  DirectorySource source_;

  absl::Mutex publishing_ ABSL_ACQUIRED_BEFORE(mutex_);  // one checkpoint after the other
  audit::SignedCheckpoint last_ ABSL_GUARDED_BY(publishing_);
  TileWriter tiles_ ABSL_GUARDED_BY(publishing_);

  mutable absl::Mutex mutex_;
  audit::GrowingTree tree_ ABSL_GUARDED_BY(mutex_);
  // Encoded bundles from the one that the last checkpoint ends in, and their bytes.
  std::deque<std::string> bundles_ ABSL_GUARDED_BY(mutex_);
  uint64_t first_bundle_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t bundle_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  LedgerState state_ ABSL_GUARDED_BY(mutex_);
  std::deque<Pending*> queue_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;  // a thread leads; it alone touches journal_
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  Journal journal_;
  std::thread thread_;
};

}  // namespace taffrail::ledger
