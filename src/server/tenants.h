// The stores that a server has: one, or one for each tenant.
//
// A tenant has everything of its own: the store and its files, ids that were seen, live tails, saved
// searches, audit ledgers, and a router over these. No query can meet a line of another, because there is
// none where it looks.
//
//   DATA/                    the store without tenants; with them that of the tenant `fake`, as in Loki
//   DATA/tenants/ID/         a tenant's, made when it first sends lines
//   DATA/no-tenant/          always empty: what tenants see that have sent none yet
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/env.h"
#include "base/status.h"
#include "net/http_server.h"
#include "net/router.h"
#include "server/app.h"
#include "store/store.h"

namespace taffrail::server {

// A store and all that is done with it.
class Tenant {
 public:
  // Errors are those of the store and the ledgers. Nothing else is started.
  static absl::StatusOr<std::unique_ptr<Tenant>> Open(const Options& options, base::Env& env);

  App& app() { return app_; }
  const net::Router& router() const { return router_; }
  // Ends tails and what the store is worked on by itself; requests in flight may still use it.
  void Stop();
  // When nothing uses it any more: lines in memory become a part. Those that do not are in the log.
  void Flush();

 private:
  Tenant(const Options& options, base::Env& env, std::unique_ptr<store::Store> store);

  std::unique_ptr<store::Store> store_;
  App app_;
  net::Router router_;
};

// Thread-safe once opened.
class Tenants {
 public:
  // Opens every store there is.
  static absl::StatusOr<std::unique_ptr<Tenants>> Open(const Options& options, base::Env& env);

  // Lines begin to go by age. Once, when the server listens.
  void StartRetention();
  void Stop();
  // When no request is in flight any more. The next start has no log to read, and lines take the room on disk
  // that parts take.
  void Flush();

  // The tenant of a request, opened or made if it has to be. Errors: those of TenantOf; ResourceExhausted
  // when there are too many; and those of opening a store.
  absl::StatusOr<Tenant*> Find(const net::HttpRequest& request);
  // In which order it waits: that of its tenant's queries.
  net::Lane LaneOf(const net::HttpRequest& request) const;

  const Options& options() const { return options_; }
  // The name of each (empty without tenants) and what it has, the first one first.
  void ForEach(const std::function<void(std::string_view name, App& app)>& visit) const;

  // What the HTTP server says of its queues, for /metrics.
  struct Queues {
    std::vector<net::LaneState> lanes;
    uint64_t refused = 0;
  };
  void SetQueues(std::function<Queues()> queues) { queues_ = std::move(queues); }
  Queues queues() const { return queues_ ? queues_() : Queues(); }

 private:
  Tenants(const Options& options, base::Env& env) : options_(options), env_(env) {}
  absl::Status OpenAll();
  absl::StatusOr<std::unique_ptr<Tenant>> OpenIn(const std::string& dir, const std::string& id);
  absl::StatusOr<Tenant*> FindOrMake(const std::string& id, bool make);

  const Options options_;
  base::Env& env_;
  std::unique_ptr<Tenant> first_;
  std::unique_ptr<Tenant> nobody_;  // null without tenants
  std::function<Queues()> queues_;
  // Held while a store is opened, some tens of milliseconds at a tenant's first line.
  mutable absl::Mutex mutex_;
  std::map<std::string, std::unique_ptr<Tenant>, std::less<>> others_ ABSL_GUARDED_BY(mutex_);
  bool started_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace taffrail::server
