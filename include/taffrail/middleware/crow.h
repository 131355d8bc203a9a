// The request middleware for Crow.
//
//   crow::App<taffrail::middleware::CrowMiddleware> app;
//   taffrail::middleware::install(app, {.trusted_proxies = {"10.0.0.0/8"}});
//   CROW_ROUTE(app, "/tasks/<int>")([](int id) {
//     taffrail::middleware::RequestLog::current()->set_route("/tasks/<int>");   // Crow does not tell it
//     ...
//
// Name it first of an app's middlewares, so that it sees what the others answer. A handler that ends its
// response on another thread takes the request with it: app.get_context<CrowMiddleware>(request).request.
#pragma once

#include <crow.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "taffrail/middleware/request_log.h"

namespace taffrail::middleware {

class CrowMiddleware {
 public:
  struct context {  // NOLINT: Crow finds it by this name
    std::shared_ptr<RequestLog> request;
  };

  void configure(const Options& options) { middleware_ = HttpMiddleware(options); }

  void before_handle(crow::request& message, crow::response& /*response*/, context& own) {
    own.request = begin(message);
    here().reset();  // of a request that went on elsewhere
    here().emplace(own.request);
  }

  // Crow calls it without the other for a path that no route has, before it has read the headers.
  void after_handle(crow::request& message, crow::response& response, context& own) {
    if (own.request == nullptr) own.request = begin(message);
    RequestLog& request = *own.request;
    for (const auto& [name, value] : request.response_headers()) response.set_header(name, value);
    request.add_response_bytes(response.body.size());
    request.finish(response.code);
    // A handler that called response.end() itself may have scopes open; then the next request here ends it.
    if (here() && here()->request() == own.request && !here()->has_scopes()) here().reset();
  }

  // Whatever a handler threw, on the thread that ran it.
  static void log_exception() noexcept {
    if (here()) here()->request()->fail();
  }

 private:
  static std::optional<Inside>& here() {
    static thread_local std::optional<Inside> inside;
    return inside;
  }

  std::shared_ptr<RequestLog> begin(const crow::request& message) const {
    std::vector<Header> headers;
    for (const auto& [name, value] : message.headers) headers.push_back({.name = name, .value = value});
    const std::string method(crow::method_name(message.method));
    auto request = middleware_.begin(
        {.method = method, .target = message.url, .peer = message.remote_ip_address, .headers = headers});
    request->add_request_bytes(message.body.size());
    return request;
  }

  HttpMiddleware middleware_;
};

// After the app's own exception handler is set, before it runs. Throws std::invalid_argument for options that
// make no sense.
template <typename App>
void install(App& app, const Options& options = {}) {
  app.template get_middleware<CrowMiddleware>().configure(options);
  std::function<void(crow::response&)> own = app.exception_handler();
  app.exception_handler([own = std::move(own)](crow::response& response) {
    CrowMiddleware::log_exception();
    own(response);  // still inside the catch block, where it may rethrow
  });
}

}  // namespace taffrail::middleware
