// The request middleware for cpp-httplib.
//
//   httplib::Server server;
//   taffrail::middleware::install(server, {.trusted_proxies = {"10.0.0.0/8"}});
//   server.Get("/tasks/(\\d+)", [](const httplib::Request& request, httplib::Response& response) {
//     taffrail::middleware::RequestLog::current()->set_route("/tasks/{id}");    // httplib does not tell it
//     ...
//
// httplib has one place for each kind of hook, and install() takes four of them: give your own to it instead
// of to the server. A request stays on one thread until its last byte is sent, streamed bodies too.
#pragma once

#include <httplib.h>

#include <charconv>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "taffrail/middleware/request_log.h"

namespace taffrail::middleware {

struct HttplibHooks {
  httplib::Server::HandlerWithResponse pre_routing;
  httplib::Server::Handler post_routing;
  httplib::Server::ExceptionHandler exception;
  httplib::Logger logger;
};

namespace detail {

// What this thread of the server is at.
inline std::optional<Inside>& httplib_request() {
  static thread_local std::optional<Inside> inside;
  return inside;
}

inline uint64_t httplib_body_bytes(const httplib::Request& message) {
  if (!message.body.empty()) return message.body.size();
  // A handler with a content reader takes the body as it comes; chunked, nobody knows how much that will be.
  const std::string length = message.get_header_value("Content-Length");
  uint64_t bytes = 0;
  std::from_chars(length.data(), length.data() + length.size(), bytes);
  return bytes;
}

inline void httplib_begin(const HttpMiddleware& middleware, const httplib::Request& message) {
  std::optional<Inside>& inside = httplib_request();
  inside.reset();  // one that broke off: its destructor says so
  std::vector<Header> headers;
  for (const auto& [name, value] : message.headers) headers.push_back({.name = name, .value = value});
  inside.emplace(middleware.begin(
      {.method = message.method, .target = message.target, .peer = message.remote_addr, .headers = headers}));
}

// The same body, its pieces counted.
inline void httplib_count(const std::shared_ptr<RequestLog>& request, httplib::Response& response) {
  response.content_provider_ = [request, provide = std::move(response.content_provider_)](
                                   size_t offset, size_t length, httplib::DataSink& sink) {
    httplib::DataSink counting;
    counting.write = [&](const char* data, size_t size) {
      const bool written = sink.write(data, size);
      if (written) request->add_response_bytes(size);
      return written;
    };
    counting.done = [&] { sink.done(); };
    counting.is_writable = [&] { return sink.is_writable(); };
    return provide(offset, length, counting);
  };
}

inline void httplib_prepare(const HttpMiddleware& middleware, const httplib::Request& message,
                            httplib::Response& response) {
  std::optional<Inside>& inside = httplib_request();
  if (!inside) httplib_begin(middleware, message);  // refused before it came to routing
  const std::shared_ptr<RequestLog>& request = inside->request();
  for (const auto& [name, value] : request->response_headers()) {
    response.headers.erase(name);
    response.set_header(name, value);
  }
  request->set_status(response.status);
  if (response.content_provider_) {
    httplib_count(request, response);
  } else {
    request->add_response_bytes(response.body.size());
  }
}

inline void httplib_finish(const httplib::Request& message, const httplib::Response& response) {
  std::optional<Inside>& inside = httplib_request();
  if (!inside) return;
  RequestLog& request = *inside->request();
  request.add_request_bytes(httplib_body_bytes(message));
  const bool streams = response.content_provider_ && message.method != "HEAD";
  if (streams && !response.content_provider_success_) {
    request.abort();
  } else {
    request.finish();
  }
  inside.reset();
}

inline void httplib_fail(const std::exception_ptr& exception) {
  if (!httplib_request()) return;
  try {
    std::rethrow_exception(exception);
  } catch (...) {
    httplib_request()->request()->fail();
  }
}

}  // namespace detail

// Before the server listens. Throws std::invalid_argument for options that make no sense.
inline void install(httplib::Server& server, const Options& options = {}, HttplibHooks own = {}) {
  const HttpMiddleware middleware(options);
  server.set_pre_routing_handler([middleware, own = std::move(own.pre_routing)](
                                     const httplib::Request& message, httplib::Response& response) {
    detail::httplib_begin(middleware, message);
    return own ? own(message, response) : httplib::Server::HandlerResponse::Unhandled;
  });
  server.set_post_routing_handler([middleware, own = std::move(own.post_routing)](
                                      const httplib::Request& message, httplib::Response& response) {
    if (own) own(message, response);
    detail::httplib_prepare(middleware, message, response);
  });
  server.set_exception_handler([own = std::move(own.exception)](const httplib::Request& message,
                                                                httplib::Response& response,
                                                                const std::exception_ptr& exception) {
    detail::httplib_fail(exception);
    response.status = 500;
    if (own) own(message, response, exception);
  });
  server.set_logger(
      [own = std::move(own.logger)](const httplib::Request& message, const httplib::Response& response) {
        if (own) own(message, response);
        detail::httplib_finish(message, response);
      });
}

}  // namespace taffrail::middleware
