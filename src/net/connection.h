// One client's connection: reads requests, has them handled, sends the answers, one after the other.
#pragma once

#include <functional>
#include <memory>

#include "net/http_server.h"
#include "net/worker_pool.h"

namespace boost::asio {
class io_context;
}

namespace taffrail::net {

class Connection {
 public:
  // What a connection needs of its server, which outlives it.
  struct Services {
    ServerOptions options;
    HttpHandler handler;
    WorkerPool& workers;
    std::function<void(const Connection&)> on_closed;  // called once, on an io thread or a worker
  };

  // Takes the socket over.
  static std::shared_ptr<Connection> Create(boost::asio::io_context& io, int socket,
                                            const Services& services);
  virtual ~Connection() = default;

  // All of these are safe from any thread and return at once.
  virtual void Start() = 0;
  virtual void EndIfIdle() = 0;      // unless a request is under way
  virtual void EndGracefully() = 0;  // once the request under way is answered; a streamed answer is ended
  virtual void Cut() = 0;            // now
};

}  // namespace taffrail::net
