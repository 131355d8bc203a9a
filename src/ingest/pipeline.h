// The door of the store: every batch that comes in, by whatever protocol, goes through Commit.
//
//   decoder ─ batch ─ Commit ─ duplicates out ─ redaction ─ audit ledgers ─ Store::Append (durable) ─
//   standing queries ─ back to the sender: acknowledged
#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include "base/env.h"
#include "base/status.h"
#include "ingest/audit_door.h"
#include "ingest/builder_pool.h"
#include "ingest/counters.h"
#include "ingest/deduplicate.h"
#include "ingest/redaction.h"
#include "ingest/standing.h"
#include "record/batch.h"
#include "store/store.h"

namespace taffrail::ingest {

// Thread-safe: uploads run side by side, and share the store's group commits.
class Pipeline {
 public:
  // Store and env must outlive the pipeline. Without a policy nothing is looked through (redaction.h).
  Pipeline(store::Store& store, base::Env& env, RedactionMode mode = RedactionMode::kOff,
           std::shared_ptr<const redact::Policy> policy = nullptr)
      : store_(store), env_(env), redaction_(mode, std::move(policy)) {}

  // From now on audit records go through this door, which outlives the pipeline; null: through none.
  // REQUIRES: nothing is being committed.
  void SetAuditDoor(AuditDoor* door) { audit_ = door; }
  AuditDoor* audit() { return audit_; }

  // From now on records with an id that was stored lately are not stored again (deduplicate.h): reads the
  // newest lines of the store first. REQUIRES: nothing is being committed; a field.
  [[nodiscard]] absl::Status StartDeduplication(const DeduplicationOptions& options);
  const Deduplicator* deduplicator() const { return deduplicator_.get(); }  // null: off

  // Returns once the batch is durable and searchable, and standing queries have seen it. An error means that
  // it may not be acknowledged (store.h says which errors there are).
  // `tenant`: whose audit records these are, where they do not say it themselves; empty: nobody said.
  // `duplicates`: rows that were stored before are left out and added to it; may be null.
  [[nodiscard]] absl::Status Commit(record::RecordBatch batch, std::string_view tenant = {},
                                    uint64_t* duplicates = nullptr);

  StandingQueries& standing() { return standing_; }
  Counters& counters() { return counters_; }
  const Redaction& redaction() const { return redaction_; }
  BuilderPool& builders() { return builders_; }
  base::Env& env() { return env_; }

 private:
  // What of a commit is durable: it is stored in its order, if perhaps in several pieces.
  struct Stored {
    size_t rows = 0;
    uint64_t end_sequence = 0;
  };

  absl::Status CommitRest(record::RecordBatch batch, std::string_view tenant, Stored& stored);
  absl::Status Admit(record::RecordBatch batch, std::string_view tenant, Stored& stored);
  absl::Status Store(record::RecordBatch batch, Stored& stored);

  store::Store& store_;
  base::Env& env_;
  AuditDoor* audit_ = nullptr;
  StandingQueries standing_;
  Counters counters_;
  Redaction redaction_;
  std::unique_ptr<Deduplicator> deduplicator_;
  BuilderPool builders_;
};

}  // namespace taffrail::ingest
