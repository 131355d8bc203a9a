// What the routes share: the store, the way in, the open tails, and how far each may go.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "base/env.h"
#include "ingest/pipeline.h"
#include "net/http_server.h"
#include "server/admin.h"
#include "server/admin_gate.h"
#include "server/audit_state.h"
#include "server/health.h"
#include "server/loki_tails.h"
#include "server/query_counters.h"
#include "server/retention.h"
#include "server/saved.h"
#include "server/tails.h"
#include "store/store.h"

namespace taffrail::server {

struct Limits {
  // An upload of lines is read in constant memory, so its size is bounded only by how long one sender may
  // hold a worker: a day's file of a busy service fits.
  uint64_t max_upload_bytes = uint64_t{8} << 30;
  uint64_t max_push_bytes = uint64_t{64} << 20;  // a Loki push is held whole (wire/loki/push.h)
  uint64_t max_query_bytes = uint64_t{1}
                             << 20;  // of a query sent by POST: far above what people or tools write
  // A search that takes longer than its reader will wait should say so and not hold a worker.
  int64_t query_timeout_ms = 60'000;
  // Sorts and groups: 3 GiB if all twelve requests that may read lines at once should need it.
  size_t query_memory_bytes = size_t{256} << 20;
  // Answers of one document are built in memory; longer ones are what streamed formats are for.
  uint64_t max_document_rows = 100'000;
  uint64_t max_trail_rows = 10'000;  // a request that logs more is no longer read by a person
  // Of Loki's API. Lines in one answer: Loki's own number, and what Grafana asks for at most.
  uint64_t max_query_entries = 5'000;
  // Series in one answer. Loki stops at 500, which a dashboard of a busy cluster meets; memory is bounded
  // anyway.
  uint64_t max_query_series = 20'000;
  int64_t max_query_length_ms =
      0;  // of a query's time range; 0: any. A store that prunes by time needs none.
  // Of one tenant at once, and beside them those that wait for their turn. A query works on every core; eight
  // let the short ones by while a few long ones run, and a dashboard of a hundred panels fits the queue.
  int max_concurrent_queries = 8;
  size_t max_queued_queries = 100;
  size_t max_tails = 64;  // each costs every commit one evaluation of its filter
};

// tenants.h
struct TenantOptions {
  bool enabled = false;
  // Each holds files and some threads. Without a bound whoever makes names up could take them all.
  size_t max_tenants = 100;
  // Of each tenant's store: smaller than the one store's, since they add up.
  size_t memtable_bytes = size_t{8} << 20;
  size_t cache_bytes = size_t{16} << 20;
};

struct Options {
  std::string data_dir;
  std::string tenant;                 // whose store it is; empty: there are no tenants
  std::string address = "127.0.0.1";  // only this machine, until someone decides otherwise
  uint16_t port = 4880;
  std::string ui_dir;        // for work on the UI: where its files are read from; empty: those in the program
  base::Env* env = nullptr;  // null: Env::Posix()
  Limits limits;
  net::ServerOptions http;    // its address and port are the ones above
  store::StoreOptions store;  // its dir and env are the ones above
  // What is looked for in lines that come in (ingest/redaction.h).
  ingest::RedactionMode redaction = ingest::RedactionMode::kWatch;
  std::shared_ptr<const redact::Policy> redaction_policy;  // null: the built-in rules
  AuditOptions audit;
  ingest::DeduplicationOptions deduplication;
  TenantOptions tenants;
  std::string admin_token;   // admin_gate.h; empty: no admin routes
  retain::Policy retention;  // what is kept how long; nothing set: everything
};

class Tenants;

// Of one tenant, where there are several (tenants.h).
struct App {
  App(const Options& app_options, base::Env& app_env, store::Store& app_store)
      : options(app_options),
        env(app_env),
        store(app_store),
        pipeline(app_store, app_env, app_options.redaction, app_options.redaction_policy),
        tails(pipeline.standing(), app_options.limits.max_tails),
        loki_tails(pipeline.standing(), app_options.limits.max_tails),
        health(app_options, app_env, app_store, pipeline.counters()),
        saved(app_env, app_options.data_dir),
        admin(app_options.admin_token, pipeline),
        retention(app_options.retention, app_options.data_dir, app_options.store.min_free_bytes, app_store,
                  pipeline),
        started_ns(app_env.NowNs()) {}

  const Options options;
  base::Env& env;
  store::Store& store;
  ingest::Pipeline pipeline;
  Tails tails;
  LokiTails loki_tails;
  Health health;
  SavedObjects saved;
  AdminGate admin;
  LokiDeletes loki_deletes;
  Retention retention;
  QueryCounters queries;
  std::unique_ptr<AuditState> audit;  // null: off
  const Tenants* tenants = nullptr;   // all that there are, this one too; null: in tests of a route alone
  const int64_t started_ns;
  std::atomic<bool> stopping = false;
};

}  // namespace taffrail::server
