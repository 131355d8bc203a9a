// The bytes of one HTTP/1.x request, in any pieces, turned into its head and its body. Pure: knows no socket.
//
// Strict where leniency is a hole (RFC 9112 §11.2, request smuggling): both lengths at once, a repeated or
// odd Content-Length, Transfer-Encoding other than exactly "chunked" or in HTTP/1.0, a missing or second Host
// are refused.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "net/headers.h"

namespace taffrail::net {

struct RequestHead {
  std::string method;
  std::string target;
  bool http_1_0 = false;
  Headers headers;
  bool chunked = false;
  uint64_t content_length = 0;  // when not chunked
  bool keep_alive = false;      // what the client wishes
  bool expects_continue = false;

  bool has_body() const { return chunked || content_length > 0; }
};

class RequestParser {
 public:
  explicit RequestParser(size_t max_header_bytes);
  ~RequestParser();

  // Consumes a prefix of input and says how long it was; body bytes are appended to body. Stops once the head
  // is complete (to go on, call again), at the end of the request, and when it needs more input than there
  // is: bytes not consumed must come again at the head of the next input. Errors carry their HTTP status:
  // 400, 413, 431, 501, 505.
  absl::StatusOr<size_t> Feed(std::string_view input, std::string& body);

  bool started() const;  // a byte that belongs to a request was seen
  bool head_done() const;
  bool done() const;                 // the whole request was consumed
  uint64_t body_bytes_left() const;  // by Content-Length; when chunked and not done, UINT64_MAX
  // The body's next bytes were taken past this. REQUIRES: the body is not chunked, and has as many left.
  void PassBody(uint64_t bytes);
  // REQUIRES: head_done().
  const RequestHead& head() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace taffrail::net
