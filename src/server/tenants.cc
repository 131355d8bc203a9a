#include "server/tenants.h"

#include "fmt/format.h"
#include "server/routes.h"
#include "server/tenant_id.h"

namespace taffrail::server {
namespace {

std::string TenantsDir(const Options& options) { return base::JoinPath(options.data_dir, "tenants"); }

// Names of ledgers hold their tenant's, percent-encoded at worst threefold in a file's name of 255 bytes.
constexpr size_t kMaxAuditedBytes = 80;

absl::Status CheckAudited(const Options& options, const std::string& id) {
  if (!options.audit.policy.enabled || id.size() <= kMaxAuditedBytes) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("tenant ID is too long: max {} characters where audit is on", kMaxAuditedBytes));
}

// The ledgers of a tenant are its own, and so are their keys and the origins that a witness knows them by: no
// sender can name another's.
void SeparateAudit(AuditOptions& audit) {
  audit.policy.tenant_field.clear();
  audit.policy.tenant_header.clear();
  audit.name += "/tenants";
  if (!audit.key_dir.empty()) audit.key_dir = base::JoinPath(audit.key_dir, "tenants");
  audit.witness_logs.clear();  // the server is one witness, not many
}

}  // namespace

Tenant::Tenant(const Options& options, base::Env& env, std::unique_ptr<store::Store> store)
    : store_(std::move(store)), app_(options, env, *store_) {
  AddRoutes(router_, app_);
}

absl::StatusOr<std::unique_ptr<Tenant>> Tenant::Open(const Options& options, base::Env& env) {
  store::StoreOptions store_options = options.store;
  store_options.dir = options.data_dir;
  store_options.env = &env;
  TAFFRAIL_ASSIGN_OR_RETURN(std::unique_ptr<store::Store> store, store::Store::Open(store_options));
  std::unique_ptr<Tenant> tenant(new Tenant(options, env, std::move(store)));
  App& app = tenant->app_;
  // Before the first line comes in.
  if (options.audit.policy.enabled) {
    TAFFRAIL_ASSIGN_OR_RETURN(app.audit, AuditState::Open(options.audit, options.data_dir, env));
    app.pipeline.SetAuditDoor(&app.audit->door());
  }
  if (!options.deduplication.field.empty())
    TAFFRAIL_RETURN_IF_ERROR(app.pipeline.StartDeduplication(options.deduplication));
  return tenant;
}

void Tenant::Stop() {
  app_.stopping = true;
  app_.retention.Stop();
  app_.tails.Stop();
  app_.loki_tails.Stop();
}

void Tenant::Flush() { store_->Flush().IgnoreError(); }

absl::StatusOr<std::unique_ptr<Tenants>> Tenants::Open(const Options& options, base::Env& env) {
  std::unique_ptr<Tenants> tenants(new Tenants(options, env));
  TAFFRAIL_RETURN_IF_ERROR(tenants->OpenAll());
  return tenants;
}

absl::Status Tenants::OpenAll() {
  const bool has_tenants = options_.tenants.enabled;
  TAFFRAIL_ASSIGN_OR_RETURN(
      first_, OpenIn(options_.data_dir, has_tenants ? std::string(kFirstTenant) : std::string()));
  if (!has_tenants) return absl::OkStatus();
  TAFFRAIL_ASSIGN_OR_RETURN(nobody_, OpenIn(base::JoinPath(options_.data_dir, "no-tenant"), "no-tenant"));
  TAFFRAIL_RETURN_IF_ERROR(env_.CreateDirs(TenantsDir(options_)));
  TAFFRAIL_ASSIGN_OR_RETURN(const std::vector<std::string> ids, env_.List(TenantsDir(options_)));
  const absl::MutexLock lock(&mutex_);
  for (const std::string& id : ids) {
    TAFFRAIL_ASSIGN_OR_RETURN(others_[id], OpenIn(base::JoinPath(TenantsDir(options_), id), id));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Tenant>> Tenants::OpenIn(const std::string& dir, const std::string& id) {
  Options options = options_;
  options.data_dir = dir;
  options.tenant = id;
  if (!id.empty() && id != kFirstTenant) {
    options.store.memtable_bytes = options.tenants.memtable_bytes;
    options.store.cache_bytes = options.tenants.cache_bytes;
    SeparateAudit(options.audit);
  }
  absl::StatusOr<std::unique_ptr<Tenant>> tenant = Tenant::Open(options, env_);
  if (!tenant.ok() && !id.empty()) {
    return absl::Status(tenant.status().code(),
                        fmt::format("tenant {}: {}", id, std::string(tenant.status().message())));
  }
  if (tenant.ok()) (*tenant)->app().tenants = this;
  return tenant;
}

void Tenants::StartRetention() {
  // Their lines about themselves go through the audit door, too.
  first_->app().retention.Start();
  const absl::MutexLock lock(&mutex_);
  started_ = true;
  for (const auto& [id, tenant] : others_) tenant->app().retention.Start();
}

void Tenants::Stop() {
  first_->Stop();
  if (nobody_ != nullptr) nobody_->Stop();
  const absl::MutexLock lock(&mutex_);
  stopping_ = true;
  for (const auto& [id, tenant] : others_) tenant->Stop();
}

void Tenants::Flush() {
  first_->Flush();
  const absl::MutexLock lock(&mutex_);
  for (const auto& [id, tenant] : others_) tenant->Flush();
}

absl::StatusOr<Tenant*> Tenants::Find(const net::HttpRequest& request) {
  if (!options_.tenants.enabled) return first_.get();
  const net::Router::Route* const route = first_->router().Find(request);
  absl::StatusOr<std::string> id = TenantOf(request);
  if (route == nullptr || static_cast<RouteKind>(route->kind) == RouteKind::kOpen) {
    // Needs none, and answers for the one that is named all the same.
    if (!id.ok()) return first_.get();
    absl::StatusOr<Tenant*> named = FindOrMake(*id, false);
    return named.ok() ? *named : first_.get();
  }
  if (!id.ok()) return id.status();
  return FindOrMake(*id, Makes(static_cast<RouteKind>(route->kind), request.method));
}

absl::StatusOr<Tenant*> Tenants::FindOrMake(const std::string& id, bool make) {
  if (id == kFirstTenant) return first_.get();
  TAFFRAIL_RETURN_IF_ERROR(CheckAudited(options_, id));
  const absl::MutexLock lock(&mutex_);
  if (const auto found = others_.find(id); found != others_.end()) return found->second.get();
  if (!make) return nobody_.get();
  if (stopping_) return absl::UnavailableError("the server is stopping");
  if (others_.size() >= options_.tenants.max_tenants) {
    return absl::ResourceExhaustedError(
        fmt::format("there is no tenant {}, and there are {} already, as many as tenants.max allows", id,
                    others_.size()));
  }
  TAFFRAIL_ASSIGN_OR_RETURN(std::unique_ptr<Tenant> tenant,
                            OpenIn(base::JoinPath(TenantsDir(options_), id), id));
  if (started_) tenant->app().retention.Start();
  return others_.emplace(id, std::move(tenant)).first->second.get();
}

net::Lane Tenants::LaneOf(const net::HttpRequest& request) const {
  const net::Router::Route* const route = first_->router().Find(request);
  if (route == nullptr || static_cast<RouteKind>(route->kind) != RouteKind::kQuery) return {};
  net::Lane lane = {.name = std::string(kFirstTenant),
                    .width = options_.limits.max_concurrent_queries,
                    .max_waiting = options_.limits.max_queued_queries};
  if (options_.tenants.enabled) {
    absl::StatusOr<std::string> id = TenantOf(request);
    if (!id.ok()) return {};  // is told so, at once
    lane.name = *std::move(id);
  }
  return lane;
}

void Tenants::ForEach(const std::function<void(std::string_view name, App& app)>& visit) const {
  visit(first_->app().options.tenant, first_->app());
  const absl::MutexLock lock(&mutex_);
  for (const auto& [id, tenant] : others_) visit(id, tenant->app());
}

}  // namespace taffrail::server
