// A stand-in for Drogon 1.9, which Debian does not have: of its names and signatures those that the adapter
// touches, and its order of calls around a handler. It answers nobody; Serve() is the test's connection.
#pragma once

#include <any>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace trantor {

class InetAddress {
 public:
  std::string toIp() const { return ip; }
  std::string ip;
};

}  // namespace trantor

namespace drogon {

enum HttpStatusCode { k200OK = 200, k202Accepted = 202, k404NotFound = 404, k500InternalServerError = 500 };
using SafeStringMap = std::unordered_map<std::string, std::string>;

class Attributes {
 public:
  template <typename T>
  const T& get(const std::string& key) const {
    static const T nothing = T();
    const auto found = attributes_.find(key);
    return found == attributes_.end() ? nothing : *std::any_cast<T>(&found->second);
  }
  void insert(const std::string& key, const std::any& value) { attributes_[key] = value; }

 private:
  std::map<std::string, std::any> attributes_;
};
using AttributesPtr = std::shared_ptr<Attributes>;

class HttpRequest {
 public:
  const char* getMethodString() const { return method.c_str(); }
  const std::string& getPath() const { return path; }
  const SafeStringMap& getHeaders() const { return headers; }
  std::string_view getBody() const { return body; }
  const trantor::InetAddress& getPeerAddr() const { return peer; }
  std::string_view getMatchedPathPattern() const { return pattern; }
  const AttributesPtr& getAttributes() const { return attributes; }

  std::string method = "GET";
  std::string path;
  std::string pattern;
  SafeStringMap headers;  // names in lower case, as Drogon keeps them
  std::string body;
  trantor::InetAddress peer;
  AttributesPtr attributes = std::make_shared<Attributes>();
};
using HttpRequestPtr = std::shared_ptr<HttpRequest>;

class HttpResponse {
 public:
  HttpStatusCode getStatusCode() const { return status; }
  std::string_view getBody() const { return body; }
  void addHeader(std::string field, const std::string& value) { headers[std::move(field)] = value; }

  HttpStatusCode status = k200OK;
  std::string body;
  SafeStringMap headers;
};
using HttpResponsePtr = std::shared_ptr<HttpResponse>;

using AdviceCallback = std::function<void(const HttpResponsePtr&)>;
using AdviceChainCallback = std::function<void()>;
using ExceptionHandler = std::function<void(const std::exception&, const HttpRequestPtr&,
                                            std::function<void(const HttpResponsePtr&)>&&)>;

class HttpAppFramework {
 public:
  using Advice = std::function<void(const HttpRequestPtr&, AdviceCallback&&, AdviceChainCallback&&)>;
  using Observer = std::function<void(const HttpRequestPtr&)>;
  using Handler = std::function<void(const HttpRequestPtr&, std::function<void(const HttpResponsePtr&)>&&)>;

  HttpAppFramework& registerPreRoutingAdvice(const Advice& advice) { return Add(pre_routing_, advice); }
  HttpAppFramework& registerPreRoutingAdvice(const Observer&) { return *this; }
  HttpAppFramework& registerPreHandlingAdvice(const Advice& advice) { return Add(pre_handling_, advice); }
  HttpAppFramework& registerPreHandlingAdvice(const Observer&) { return *this; }
  HttpAppFramework& registerPreSendingAdvice(
      const std::function<void(const HttpRequestPtr&, const HttpResponsePtr&)>& advice) {
    pre_sending_.push_back(advice);
    return *this;
  }
  HttpAppFramework& setExceptionHandler(ExceptionHandler handler) {
    exception_handler_ = std::move(handler);
    return *this;
  }
  const ExceptionHandler& getExceptionHandler() const { return exception_handler_; }

  // --- the stand-in's own ---

  void Route(const std::string& path, Handler handler) { routes_[path] = std::move(handler); }

  HttpResponsePtr Serve(const HttpRequestPtr& request) {
    auto sent = std::make_shared<HttpResponsePtr>();
    const auto send = [this, request, sent](const HttpResponsePtr& response) {
      for (const auto& advice : pre_sending_) advice(request, response);
      *sent = response;
    };
    Chain(pre_routing_, 0, request, send, [=, this] { Handle(request, send); });
    return *sent;
  }

 private:
  HttpAppFramework& Add(std::vector<Advice>& advices, const Advice& advice) {
    advices.push_back(advice);
    return *this;
  }
  static void Chain(const std::vector<Advice>& advices, size_t index, const HttpRequestPtr& request,
                    const AdviceCallback& send, const std::function<void()>& then) {
    if (index == advices.size()) return then();
    advices[index](request, AdviceCallback(send),
                   [=, &advices] { Chain(advices, index + 1, request, send, then); });
  }
  void Handle(const HttpRequestPtr& request, const AdviceCallback& send) {
    const auto route = routes_.find(request->path);
    if (route == routes_.end()) {
      auto response = std::make_shared<HttpResponse>();
      response->status = k404NotFound;
      return send(response);
    }
    request->pattern = route->first;
    Chain(pre_handling_, 0, request, send, [=, this] {
      try {
        route->second(request, AdviceCallback(send));
      } catch (const std::exception& exception) {
        exception_handler_(exception, request, AdviceCallback(send));
      }
    });
  }

  std::vector<Advice> pre_routing_;
  std::vector<Advice> pre_handling_;
  std::vector<std::function<void(const HttpRequestPtr&, const HttpResponsePtr&)>> pre_sending_;
  std::map<std::string, Handler> routes_;
  ExceptionHandler exception_handler_ = [](const std::exception&, const HttpRequestPtr&,
                                           std::function<void(const HttpResponsePtr&)>&& callback) {
    auto response = std::make_shared<HttpResponse>();
    response->status = k500InternalServerError;
    callback(response);
  };
};

inline HttpAppFramework& app() {
  static HttpAppFramework instance;
  return instance;
}

}  // namespace drogon
