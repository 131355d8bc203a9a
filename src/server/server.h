// The server: a store, the way in, and the HTTP API over both.
//
//   auto server = Server::Start({.data_dir = "/var/lib/taffrail"});
//   … (*server)->port() …
//   (*server)->Stop();
#pragma once

#include <cstdint>
#include <memory>

#include "base/status.h"
#include "server/app.h"

namespace taffrail::server {

class Server {
 public:
  // Opens the store and listens. FailedPrecondition: another process has the store. Unavailable: the address
  // is taken.
  static absl::StatusOr<std::unique_ptr<Server>> Start(Options options);
  ~Server();  // Stop

  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  uint16_t port() const;
  // Ends tails, lets requests in flight finish for a while, then closes the store. What was acknowledged is
  // durable with or without it.
  void Stop();

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace taffrail::server
