#include "server/server.h"

#include <utility>

#include "net/router.h"
#include "redact/policy.h"
#include "server/routes.h"

namespace taffrail::server {

class Server::Impl {
 public:
  Impl(Options options, base::Env& env, std::unique_ptr<store::Store> store)
      : store_(std::move(store)), app_(options, env, *store_) {
    AddRoutes(router_, app_);
  }

  absl::Status Listen() {
    net::ServerOptions http = app_.options.http;
    http.address = app_.options.address;
    http.port = app_.options.port;
    TAFFRAIL_ASSIGN_OR_RETURN(http_, net::HttpServer::Start(http, [this](auto& request, auto& responder) {
                                router_.Handle(request, responder);
                              }));
    return absl::OkStatus();
  }

  void Stop() {
    app_.stopping = true;
    app_.retention.Stop();
    app_.tails.Stop();
    app_.loki_tails.Stop();
    if (http_ != nullptr) http_->Stop();
  }

  // Before Listen: what comes in goes through the audit door from the first line on.
  absl::Status OpenAudit() {
    if (!app_.options.audit.policy.enabled) return absl::OkStatus();
    TAFFRAIL_ASSIGN_OR_RETURN(app_.audit,
                              AuditState::Open(app_.options.audit, app_.options.data_dir, app_.env));
    app_.pipeline.SetAuditDoor(&app_.audit->door());
    return absl::OkStatus();
  }

  absl::Status StartDeduplication() {
    if (app_.options.deduplication.field.empty()) return absl::OkStatus();
    return app_.pipeline.StartDeduplication(app_.options.deduplication);
  }

  // Its lines about itself go through the audit door, too.
  void StartRetention() { app_.retention.Start(); }

  uint16_t port() const { return http_->port(); }

 private:
  std::unique_ptr<store::Store> store_;
  App app_;
  net::Router router_;
  std::unique_ptr<net::HttpServer> http_;  // last: its handlers use all of the above
};

absl::StatusOr<std::unique_ptr<Server>> Server::Start(Options options) {
  base::Env& env = options.env != nullptr ? *options.env : base::Env::Posix();
  options.store.dir = options.data_dir;
  options.store.env = &env;
  if (options.redaction_policy == nullptr) {
    TAFFRAIL_ASSIGN_OR_RETURN(options.redaction_policy, redact::Policy::Make({}));
  }
  TAFFRAIL_ASSIGN_OR_RETURN(std::unique_ptr<store::Store> store, store::Store::Open(options.store));
  auto impl = std::make_unique<Impl>(std::move(options), env, std::move(store));
  TAFFRAIL_RETURN_IF_ERROR(impl->OpenAudit());
  TAFFRAIL_RETURN_IF_ERROR(impl->StartDeduplication());
  TAFFRAIL_RETURN_IF_ERROR(impl->Listen());
  impl->StartRetention();
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() { Stop(); }
uint16_t Server::port() const { return impl_->port(); }
void Server::Stop() { impl_->Stop(); }

}  // namespace taffrail::server
