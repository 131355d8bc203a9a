// The door of the store: every batch that comes in, by whatever protocol, goes through Commit.
//
//   decoder ─ batch ─ Commit ─ audit ledgers ─ Store::Append (durable) ─ standing queries ─ back to the
//   sender: acknowledged
#pragma once

#include "base/env.h"
#include "base/status.h"
#include "ingest/audit_door.h"
#include "ingest/builder_pool.h"
#include "ingest/counters.h"
#include "ingest/standing.h"
#include "record/batch.h"
#include "store/store.h"

namespace taffrail::ingest {

// Thread-safe: uploads run side by side, and share the store's group commits.
class Pipeline {
 public:
  // Both must outlive the pipeline.
  Pipeline(store::Store& store, base::Env& env) : store_(store), env_(env) {}

  // From now on audit records go through this door, which outlives the pipeline; null: through none.
  // REQUIRES: nothing is being committed.
  void SetAuditDoor(AuditDoor* door) { audit_ = door; }
  AuditDoor* audit() { return audit_; }

  // Returns once the batch is durable and searchable, and standing queries have seen it. An error means that
  // it may not be acknowledged (store.h says which errors there are).
  [[nodiscard]] absl::Status Commit(record::RecordBatch batch);

  StandingQueries& standing() { return standing_; }
  Counters& counters() { return counters_; }
  BuilderPool& builders() { return builders_; }
  base::Env& env() { return env_; }

 private:
  absl::Status Store(record::RecordBatch batch);

  store::Store& store_;
  base::Env& env_;
  AuditDoor* audit_ = nullptr;
  StandingQueries standing_;
  Counters counters_;
  BuilderPool builders_;
};

}  // namespace taffrail::ingest
