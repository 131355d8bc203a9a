// The request middleware for servers built on Boost.Beast. Include Beast before it: this header works on its
// messages by their shape, so that who does not use it does not pay for it.
//
// A handler that turns a request into a response, on one thread:
//
//   const taffrail::middleware::HttpMiddleware middleware({.trusted_proxies = {"10.0.0.0/8"}});
//   auto response = taffrail::middleware::handle(middleware, request, peer, handler);
//
// A session that goes on elsewhere begins, enters and ends by itself:
//
//   request_ = taffrail::middleware::begin(middleware, message, peer);
//   { const taffrail::middleware::Inside inside(request_); ... }
//   taffrail::middleware::prepare(*request_, response_);          // before the response is written
//   async_write(..., [this](error_code error, size_t) { taffrail::middleware::complete(*request_, error); });
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "taffrail/middleware/request_log.h"

namespace taffrail::middleware {

namespace detail {

// Boost 1.74 has a string_view of its own.
template <typename Text>
std::string_view std_view(const Text& text) {
  return {text.data(), text.size()};
}

template <typename Handler, typename Request>
decltype(auto) call(Handler& handler, Request& request, RequestLog& log) {
  if constexpr (std::is_invocable_v<Handler&, Request&, RequestLog&>) {
    return handler(request, log);
  } else {
    return handler(request);
  }
}

}  // namespace detail

// `peer` is the address of the connection: socket.remote_endpoint().address().to_string(). When the body is
// still to be read, count it with add_request_bytes().
template <typename Message>
std::shared_ptr<RequestLog> begin(const HttpMiddleware& middleware, const Message& message,
                                  std::string_view peer) {
  std::vector<Header> headers;
  for (const auto& field : message) {
    headers.push_back(
        {.name = detail::std_view(field.name_string()), .value = detail::std_view(field.value())});
  }
  auto request = middleware.begin({.method = detail::std_view(message.method_string()),
                                   .target = detail::std_view(message.target()),
                                   .peer = peer,
                                   .headers = headers});
  if constexpr (requires { message.payload_size(); }) {
    if (const auto size = message.payload_size()) request->add_request_bytes(*size);
  }
  return request;
}

// Puts the ids into the response and notes its status and, when Beast knows it, the size of its body. Of a
// body that is made while it is sent, count the pieces with add_response_bytes().
template <typename Message>
void prepare(RequestLog& request, Message& message) {
  for (const auto& [name, value] : request.response_headers()) message.set(name, value);
  request.set_status(static_cast<int>(message.result_int()));
  if constexpr (requires { message.payload_size(); }) {
    if (const auto size = message.payload_size()) request.add_response_bytes(*size);
  }
}

// The response is written, or could not be: the client went away. `error` is anything that is true then.
template <typename Error>
void complete(RequestLog& request, const Error& error) noexcept {
  if (error) {
    request.abort();
  } else {
    request.finish();
  }
}

// handler(request) or handler(request, RequestLog&) returns a response; what it throws is logged, counts as a
// 500 and goes on to the caller. The request is over when the response is made: for the time it takes to
// write it, see above.
template <typename Request, typename Handler>
auto handle(const HttpMiddleware& middleware, Request& message, std::string_view peer, Handler&& handler) {
  const std::shared_ptr<RequestLog> request = begin(middleware, message, peer);
  const Inside inside(request);
  try {
    auto response = detail::call(handler, message, *request);
    prepare(*request, response);
    request->finish();
    return response;
  } catch (...) {
    request->fail();
    request->finish();
    throw;
  }
}

// The handler with the middleware around it, to be called with a request and the peer's address.
template <typename Handler>
auto wrap(const HttpMiddleware& middleware, Handler handler) {
  return [middleware, handler = std::move(handler)](auto& message, std::string_view peer) mutable {
    return handle(middleware, message, peer, handler);
  };
}

}  // namespace taffrail::middleware
