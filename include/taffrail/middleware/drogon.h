// The request middleware for Drogon.
//
//   taffrail::middleware::install(drogon::app(), {.trusted_proxies = {"10.0.0.0/8"}});
//   drogon::app().run();
//
// The part of a handler that runs before it first waits is inside the request; a callback or coroutine that
// goes on later enters it again: const taffrail::middleware::Inside inside(request_of(req)).
#pragma once

#include <drogon/drogon.h>

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "taffrail/middleware/request_log.h"

namespace taffrail::middleware {

namespace detail {

inline constexpr const char* kDrogonAttribute = "taffrail.request";

inline std::shared_ptr<RequestLog> drogon_begin(const HttpMiddleware& middleware,
                                                const drogon::HttpRequestPtr& message) {
  std::vector<Header> headers;
  for (const auto& [name, value] : message->getHeaders()) headers.push_back({.name = name, .value = value});
  const std::string peer = message->getPeerAddr().toIp();
  auto request = middleware.begin(
      {.method = message->getMethodString(), .target = message->getPath(), .peer = peer, .headers = headers});
  request->add_request_bytes(message->getBody().size());
  message->getAttributes()->insert(kDrogonAttribute, request);
  return request;
}

}  // namespace detail

// Null before routing begins, and when the middleware is not installed.
inline std::shared_ptr<RequestLog> request_of(const drogon::HttpRequestPtr& message) {
  return message->getAttributes()->get<std::shared_ptr<RequestLog>>(detail::kDrogonAttribute);
}

namespace detail {

// Drogon goes on within chain(), as long as nothing waits: what it calls is inside the request.
inline void drogon_enter(const drogon::HttpRequestPtr& message, const drogon::AdviceChainCallback& chain) {
  const std::shared_ptr<RequestLog> request = request_of(message);
  if (request == nullptr) return chain();
  const Inside inside(request);
  chain();
}

inline void drogon_finish(const HttpMiddleware& middleware, const drogon::HttpRequestPtr& message,
                          const drogon::HttpResponsePtr& response) {
  std::shared_ptr<RequestLog> request = request_of(message);
  if (request == nullptr) request = drogon_begin(middleware, message);  // answered before routing
  for (const auto& [name, value] : request->response_headers()) response->addHeader(name, value);
  request->set_route(message->getMatchedPathPattern());
  request->add_response_bytes(response->getBody().size());
  request->finish(static_cast<int>(response->getStatusCode()));
}

}  // namespace detail

// After the application's own exception handler is set, before it runs. Throws std::invalid_argument for
// options that make no sense. The request is over when its response is handed to the connection.
inline void install(drogon::HttpAppFramework& app, const Options& options = {}) {
  const HttpMiddleware middleware(options);
  app.registerPreRoutingAdvice([middleware](const drogon::HttpRequestPtr& message, drogon::AdviceCallback&&,
                                            drogon::AdviceChainCallback&& chain) {
    detail::drogon_begin(middleware, message);
    detail::drogon_enter(message, chain);
  });
  // Again, because a filter may have waited.
  app.registerPreHandlingAdvice(
      [](const drogon::HttpRequestPtr& message, drogon::AdviceCallback&&,
         drogon::AdviceChainCallback&& chain) { detail::drogon_enter(message, chain); });
  app.registerPreSendingAdvice(
      [middleware](const drogon::HttpRequestPtr& message, const drogon::HttpResponsePtr& response) {
        detail::drogon_finish(middleware, message, response);
      });
  app.setExceptionHandler([own = app.getExceptionHandler()](
                              const std::exception& exception, const drogon::HttpRequestPtr& message,
                              std::function<void(const drogon::HttpResponsePtr&)>&& callback) {
    if (const auto request = request_of(message)) request->fail(exception);
    own(exception, message, std::move(callback));
  });
}

}  // namespace taffrail::middleware
