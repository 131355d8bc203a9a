// The door of the store: every batch that comes in, by whatever protocol, goes through Commit.
//
//   decoder ─ batch ─ Commit ─ Store::Append (durable) ─ standing queries ─ back to the sender: acknowledged
#pragma once

#include "base/env.h"
#include "base/status.h"
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

  // Returns once the batch is durable and searchable, and standing queries have seen it. An error means that
  // it may not be acknowledged (store.h says which errors there are).
  [[nodiscard]] absl::Status Commit(record::RecordBatch batch);

  StandingQueries& standing() { return standing_; }
  Counters& counters() { return counters_; }
  BuilderPool& builders() { return builders_; }
  base::Env& env() { return env_; }

 private:
  store::Store& store_;
  base::Env& env_;
  StandingQueries standing_;
  Counters counters_;
  BuilderPool builders_;
};

}  // namespace taffrail::ingest
