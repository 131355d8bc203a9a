#include "server/server.h"

#include <utility>

#include "redact/policy.h"
#include "server/refusal.h"
#include "server/tenants.h"

namespace taffrail::server {

class Server::Impl {
 public:
  explicit Impl(std::unique_ptr<Tenants> tenants) : tenants_(std::move(tenants)) {}

  absl::Status Listen() {
    net::ServerOptions http = tenants_->options().http;
    http.address = tenants_->options().address;
    http.port = tenants_->options().port;
    // The rest takes lines in, and answers the quick questions, however many slow ones there are.
    http.lane_threads = http.worker_threads - http.worker_threads / 4;
    http.lane_of = [this](const net::HttpRequest& request) { return tenants_->LaneOf(request); };
    http.lane_is_full = TooManyQueries;
    TAFFRAIL_ASSIGN_OR_RETURN(
        http_, net::HttpServer::Start(
                   std::move(http), [this](auto& request, auto& responder) { Handle(request, responder); }));
    tenants_->SetQueues([this] { return Tenants::Queues{http_->Lanes(), http_->refused_in_lanes()}; });
    tenants_->StartRetention();
    return absl::OkStatus();
  }

  void Stop() {
    tenants_->Stop();
    if (http_ != nullptr) http_->Stop();
    tenants_->Flush();
  }

  uint16_t port() const { return http_->port(); }

 private:
  void Handle(net::HttpRequest& request, net::HttpResponder& responder) {
    const absl::StatusOr<Tenant*> tenant = tenants_->Find(request);
    if (tenant.ok()) return (*tenant)->router().Handle(request, responder);
    net::HttpAnswer refusal = RefusalOf(request, tenant.status());
    responder.Send(refusal.status, std::move(refusal.headers), std::move(refusal.body));
  }

  const std::unique_ptr<Tenants> tenants_;
  std::unique_ptr<net::HttpServer> http_;  // last: its handlers use all of the above
};

absl::StatusOr<std::unique_ptr<Server>> Server::Start(Options options) {
  base::Env& env = options.env != nullptr ? *options.env : base::Env::Posix();
  if (options.redaction_policy == nullptr) {
    TAFFRAIL_ASSIGN_OR_RETURN(options.redaction_policy, redact::Policy::Make({}));
  }
  TAFFRAIL_ASSIGN_OR_RETURN(std::unique_ptr<Tenants> tenants, Tenants::Open(options, env));
  auto impl = std::make_unique<Impl>(std::move(tenants));
  TAFFRAIL_RETURN_IF_ERROR(impl->Listen());
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() { Stop(); }
uint16_t Server::port() const { return impl_->port(); }
void Server::Stop() { impl_->Stop(); }

}  // namespace taffrail::server
