// A blocking HTTP/1.1 client that keeps its connection: one for a thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "http/message.h"

namespace examples::http {

// Where "http://host:port" points. Throws std::invalid_argument for anything else.
struct Origin {
  std::string host;
  uint16_t port = 80;
};
Origin ParseOrigin(std::string_view url);

// No answer: refused, reset, timed out.
class ConnectionError : public std::runtime_error {
 public:
  ConnectionError(const std::string& what, bool timed_out)
      : std::runtime_error(what), timed_out_(timed_out) {}
  [[nodiscard]] bool timed_out() const { return timed_out_; }

 private:
  bool timed_out_;
};

struct Call {
  std::string method = "GET";
  std::string target = "/";
  Headers headers;
  std::string body;
  std::string content_type = "application/json";
};

class Client {
 public:
  Client(Origin origin, std::chrono::milliseconds timeout);
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;

  // A kept connection that the server closed meanwhile is opened anew, once. Throws ConnectionError.
  Response Send(const Call& call);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace examples::http
