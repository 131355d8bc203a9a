#include "net/http_server.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "net/connection.h"
#include "net/worker_pool.h"

namespace taffrail::net {
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// Accepting: the listening socket is watched by io_, and accept4 called here, so that a connection is a plain
// descriptor until its own file takes it. At max_connections nothing is accepted: newcomers wait in the
// kernel's backlog, and idle connections are ended to make room.
class HttpServer::Impl {
 public:
  Impl(ServerOptions options, HttpHandler handler)
      : options_(std::move(options)),
        accept_strand_(asio::make_strand(io_)),
        acceptor_(accept_strand_),
        retry_timer_(accept_strand_),
        workers_(options_.worker_threads, static_cast<size_t>(options_.max_queued_requests),
                 std::clamp(options_.lane_threads, 1, options_.worker_threads)),
        services_{options_, std::move(handler), workers_, [this](const Connection& gone) { Forget(gone); }} {}

  absl::Status Listen() {
    error_code error;
    const auto address = asio::ip::make_address(options_.address, error);
    const auto failed = [&](std::string_view what) {
      return absl::UnavailableError(
          fmt::format("cannot {} {}:{}: {}", what, options_.address, options_.port, error.message()));
    };
    if (error) return failed("understand the address");
    const tcp::endpoint endpoint(address, options_.port);
    acceptor_.open(endpoint.protocol(), error);
    if (error) return failed("open a socket for");
    acceptor_.set_option(tcp::acceptor::reuse_address(true),
                         error);  // a restart need not wait for old connections
    if (!error) acceptor_.bind(endpoint, error);
    if (error) return failed("bind");
    acceptor_.listen(tcp::acceptor::max_listen_connections, error);
    if (!error) acceptor_.native_non_blocking(true, error);
    if (error) return failed("listen on");
    port_ = acceptor_.local_endpoint(error).port();
    return absl::OkStatus();
  }

  void Run() {
    asio::post(accept_strand_, [this] { WaitForClient(); });
    for (int i = 0; i < options_.io_threads; ++i) io_threads_.emplace_back([this] { io_.run(); });
  }

  void Stop(int64_t deadline_ms) {
    {
      absl::MutexLock lock(&mutex_);
      if (stopping_) return;
      stopping_ = true;
    }
    asio::post(accept_strand_, [this] { CloseAcceptor(); });
    for (const auto& connection : Connections()) connection->EndGracefully();
    if (!WaitUntilEmpty(absl::Milliseconds(deadline_ms))) {
      for (const auto& connection : Connections()) connection->Cut();
    }
    workers_.Stop();  // handlers see their clients gone, and what is still queued runs
    WaitUntilEmpty(absl::InfiniteDuration());
    work_.reset();
    io_.stop();
    for (std::thread& thread : io_threads_) thread.join();
  }

  uint16_t port() const { return port_; }
  const WorkerPool& workers() const { return workers_; }
  int connections() const {
    absl::MutexLock lock(&mutex_);
    return static_cast<int>(connections_.size());
  }

 private:
  // These five run on accept_strand_.
  void WaitForClient() {
    acceptor_.async_wait(tcp::acceptor::wait_read, [this](const error_code& error) {
      if (!error) AcceptAll();
    });
  }

  void AcceptAll() {
    while (true) {
      if (!HasRoom()) {
        for (const auto& connection : Connections()) connection->EndIfIdle();
        return RetrySoon();
      }
      const int socket = accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (socket >= 0) {
        Adopt(socket);
        continue;
      }
      if (errno == EINTR || errno == ECONNABORTED) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) return WaitForClient();
      return RetrySoon();  // out of descriptors or memory: it would fail again at once
    }
  }

  void RetrySoon() {
    retry_timer_.expires_after(std::chrono::milliseconds(20));
    retry_timer_.async_wait([this](const error_code& error) {
      if (!error && acceptor_.is_open()) AcceptAll();
    });
  }

  void CloseAcceptor() {
    error_code ignored;
    acceptor_.close(ignored);
    retry_timer_.cancel(ignored);
  }

  bool HasRoom() const { return connections() < options_.max_connections; }

  void Adopt(int socket) {
    std::shared_ptr<Connection> connection = Connection::Create(io_, socket, services_);
    {
      absl::MutexLock lock(&mutex_);
      if (stopping_) return;  // its destructor closes the socket
      connections_.emplace(connection.get(), connection);
    }
    connection->Start();
  }

  void Forget(const Connection& gone) {
    absl::MutexLock lock(&mutex_);
    connections_.erase(&gone);
  }

  std::vector<std::shared_ptr<Connection>> Connections() const {
    std::vector<std::shared_ptr<Connection>> all;
    absl::MutexLock lock(&mutex_);
    for (const auto& [key, connection] : connections_) all.push_back(connection);
    return all;
  }

  bool Empty() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return connections_.empty(); }
  bool WaitUntilEmpty(absl::Duration timeout) {
    absl::MutexLock lock(&mutex_);
    return mutex_.AwaitWithTimeout(absl::Condition(this, &Impl::Empty), timeout);
  }

  const ServerOptions options_;
  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  asio::strand<asio::io_context::executor_type> accept_strand_;
  tcp::acceptor acceptor_;
  asio::steady_timer retry_timer_;
  uint16_t port_ = 0;
  WorkerPool workers_;
  const Connection::Services services_;

  mutable absl::Mutex mutex_;
  absl::flat_hash_map<const Connection*, std::shared_ptr<Connection>> connections_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> io_threads_;
};

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(ServerOptions options, HttpHandler handler) {
  auto impl = std::make_unique<Impl>(std::move(options), std::move(handler));
  TAFFRAIL_RETURN_IF_ERROR(impl->Listen());
  impl->Run();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() { Stop(); }

uint16_t HttpServer::port() const { return impl_->port(); }
int HttpServer::connections() const { return impl_->connections(); }
std::vector<LaneState> HttpServer::Lanes() const { return impl_->workers().Lanes(); }
uint64_t HttpServer::refused_in_lanes() const { return impl_->workers().refused_in_lanes(); }
void HttpServer::Stop(int64_t deadline_ms) { impl_->Stop(deadline_ms); }

}  // namespace taffrail::net
