#include "http/server.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/strand.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <unordered_set>
#include <utility>
#include <vector>

#include "http/error.h"

namespace examples::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;

// Generous for a person behind a slow line, short enough that dead peers do not pile up.
constexpr std::chrono::seconds kIdle{30};

Request ToRequest(beast::http::request<beast::http::string_body>&& message, std::string peer_address) {
  Request request;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  for (const auto& field : message) {
    request.headers.Add(std::string(field.name_string()), std::string(field.value()));
  }
  request.body = std::move(message.body());
  request.peer_address = std::move(peer_address);
  return request;
}

beast::http::response<beast::http::string_body> ToMessage(Response&& response, unsigned version,
                                                          bool keep_alive) {
  beast::http::response<beast::http::string_body> message;
  message.version(version);
  message.result(static_cast<unsigned>(response.status));
  if (!response.body.empty()) {
    message.set(beast::http::field::content_type, response.content_type);
  }
  for (const auto& [name, value] : response.headers) {
    message.set(name, value);
  }
  message.body() = std::move(response.body);
  message.keep_alive(keep_alive);
  message.prepare_payload();
  return message;
}

// The open connections, and whether new requests are still welcome.
template <typename Session>
class Registry {
 public:
  void Insert(Session* session) {
    const std::scoped_lock lock(mutex_);
    sessions_.insert(session);
  }
  void Erase(Session* session) {
    const std::scoped_lock lock(mutex_);
    sessions_.erase(session);
  }
  template <typename Visit>
  void Close(Visit visit) {
    const std::scoped_lock lock(mutex_);
    closing_ = true;
    for (Session* session : sessions_) {
      visit(*session);
    }
  }
  bool closing() {
    const std::scoped_lock lock(mutex_);
    return closing_;
  }

 private:
  std::mutex mutex_;
  bool closing_ = false;
  std::unordered_set<Session*> sessions_;
};

// One connection: read a request, answer it, again. Everything here runs on the connection's strand.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, const ServerOptions& options, const Handler& handler,
          Registry<Session>& registry)
      : stream_(std::move(socket)), options_(options), handler_(handler), registry_(registry) {
    error_code error;
    const auto peer = stream_.socket().remote_endpoint(error);
    peer_address_ = error ? std::string() : peer.address().to_string();
    registry_.Insert(this);
  }
  ~Session() { registry_.Erase(this); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void Start() {
    asio::dispatch(stream_.get_executor(), [self = shared_from_this()] { self->Read(); });
  }

  // REQUIRES: the session is alive (the registry holds only such). A request in progress is answered first.
  void CloseWhenIdle() {
    asio::post(stream_.get_executor(), [weak = weak_from_this()] {
      const auto self = weak.lock();
      if (self && self->reading_) {
        self->stream_.cancel();
      }
    });
  }

 private:
  void Read() {
    if (registry_.closing()) {
      Shutdown();
      return;
    }
    parser_.emplace();
    parser_->body_limit(options_.body_size_bytes_max);
    stream_.expires_after(kIdle);
    reading_ = true;
    beast::http::async_read(stream_, buffer_, *parser_,
                            [self = shared_from_this()](error_code error, size_t) { self->OnRead(error); });
  }

  void OnRead(error_code error) {
    reading_ = false;
    if (!error) {
      auto message = parser_->release();
      const unsigned version = message.version();
      const bool keep_alive = message.keep_alive();
      Request request = ToRequest(std::move(message), peer_address_);
      Write(ToMessage(handler_(request), version, keep_alive && !registry_.closing()));
    } else if (error == beast::http::error::body_limit) {
      Write(ToMessage(Problem(413, "the body is larger than this service takes"), 11, false));
    } else if (error.category() == beast::http::make_error_code(beast::http::error::bad_method).category() &&
               error != beast::http::error::end_of_stream && error != beast::http::error::partial_message) {
      Write(ToMessage(Problem(400, error.message()), 11, false));
    } else {
      Shutdown();  // the peer is gone, silent for too long, or we are closing
    }
  }

  void Write(beast::http::response<beast::http::string_body>&& message) {
    response_ = std::move(message);
    stream_.expires_after(kIdle);
    beast::http::async_write(stream_, *response_, [self = shared_from_this()](error_code error, size_t) {
      if (error || self->response_->need_eof()) {
        self->Shutdown();
      } else {
        self->Read();
      }
    });
  }

  void Shutdown() {
    error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  }

  beast::tcp_stream stream_;
  const ServerOptions& options_;
  const Handler& handler_;
  Registry<Session>& registry_;
  std::string peer_address_;
  bool reading_ = false;
  beast::flat_buffer buffer_;
  std::optional<beast::http::request_parser<beast::http::string_body>> parser_;
  std::optional<beast::http::response<beast::http::string_body>> response_;
};

}  // namespace

class Server::Impl {
 public:
  Impl(const ServerOptions& options, Handler handler)
      : options_(options),
        handler_(std::move(handler)),
        io_(options.threads),
        acceptor_(asio::make_strand(io_)) {
    const tcp::endpoint endpoint(asio::ip::make_address(options.address), options.port);
    acceptor_.open(endpoint.protocol());
    acceptor_.set_option(asio::socket_base::reuse_address(true));
    acceptor_.bind(endpoint);
    acceptor_.listen();
    port_ = acceptor_.local_endpoint().port();
    Accept();
    for (int i = 0; i < options_.threads; ++i) {
      threads_.emplace_back([this] { io_.run(); });
    }
  }

  uint16_t port() const { return port_; }

  void Stop() {
    if (threads_.empty()) {
      return;
    }
    registry_.Close([](Session& session) { session.CloseWhenIdle(); });
    asio::post(acceptor_.get_executor(), [this] {
      error_code ignored;
      acceptor_.close(ignored);
    });
    threads_.clear();  // joins: run() returns when the last connection is answered and gone
  }

 private:
  void Accept() {
    acceptor_.async_accept(asio::make_strand(io_), [this](error_code error, tcp::socket socket) {
      if (registry_.closing()) {
        return;
      }
      if (!error) {
        std::make_shared<Session>(std::move(socket), options_, handler_, registry_)->Start();
      } else if (error == asio::error::no_descriptors) {
        // Out of files for now: the kernel keeps the caller waiting, we try again without spinning.
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
      }
      Accept();
    });
  }

  ServerOptions options_;
  Handler handler_;
  Registry<Session> registry_;
  asio::io_context io_;
  tcp::acceptor acceptor_;
  uint16_t port_ = 0;
  std::vector<std::jthread> threads_;
};

Server::Server(const ServerOptions& options, Handler handler) try
    : impl_(std::make_unique<Impl>(options, std::move(handler))) {
} catch (const boost::system::system_error& error) {
  throw std::system_error(error.code(), options.address + ":" + std::to_string(options.port));
}
Server::~Server() { Stop(); }
uint16_t Server::port() const { return impl_->port(); }
void Server::Stop() { impl_->Stop(); }

}  // namespace examples::http
