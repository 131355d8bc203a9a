// A small HTTP/1.1 server over Boost.Beast, which stays inside server.cc: it is by far the slowest header to
// compile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "http/router.h"

namespace examples::http {

struct ServerOptions {
  std::string address = "127.0.0.1";
  uint16_t port = 0;  // 0: any free one, see Server::port()
  // Handlers block (SQLite, the call to the provider), so a thread is a request in progress.
  int threads = 8;
  size_t body_size_bytes_max = 256 * 1024;  // a task with a long description is a few KiB
};

class Server {
 public:
  // Listens from here on. The handler is called from many threads and must not throw.
  // Throws std::system_error when the address cannot be bound.
  Server(const ServerOptions& options, Handler handler);
  ~Server();

  [[nodiscard]] uint16_t port() const;

  // Stops accepting, lets requests in progress finish and be answered, closes idle connections, joins the
  // threads.
  void Stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace examples::http
