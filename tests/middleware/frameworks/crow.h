// A stand-in for Crow 1.2, which Debian does not have: of its names and signatures those that the adapter
// touches, and its order of calls around a handler. It answers nobody; Serve() is the test's connection.
#pragma once

#include <algorithm>
#include <cctype>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace crow {

enum class HTTPMethod { Delete = 0, Get, Head, Post };
inline std::string method_name(HTTPMethod method) {
  constexpr const char* kNames[] = {"DELETE", "GET", "HEAD", "POST"};
  return kNames[static_cast<int>(method)];
}

inline std::string LowerCase(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}
struct ci_hash {
  size_t operator()(const std::string& key) const { return std::hash<std::string>()(LowerCase(key)); }
};
struct ci_key_eq {
  bool operator()(const std::string& a, const std::string& b) const { return LowerCase(a) == LowerCase(b); }
};
using ci_map = std::unordered_multimap<std::string, std::string, ci_hash, ci_key_eq>;

struct request {
  HTTPMethod method = HTTPMethod::Get;
  std::string raw_url;
  std::string url;
  ci_map headers;
  std::string body;
  std::string remote_ip_address;
  void* middleware_context = nullptr;
};

struct response {
  int code = 200;
  std::string body;
  ci_map headers;

  response() = default;
  explicit response(int status) : code(status) {}
  explicit response(std::string text) : body(std::move(text)) {}

  void set_header(std::string key, std::string value) {
    headers.erase(key);
    headers.emplace(std::move(key), std::move(value));
  }
  bool is_completed() const noexcept { return completed_; }
  void end() {
    if (completed_) return;
    completed_ = true;
    if (complete_request_handler_) complete_request_handler_();
  }

 private:
  template <typename...>
  friend class Crow;
  bool completed_ = false;
  std::function<void()> complete_request_handler_;
};

namespace detail {
template <typename... Middlewares>
struct context : Middlewares::context... {
  template <typename T>
  typename T::context& get() {
    return *this;
  }
};
}  // namespace detail

template <typename... Middlewares>
class Crow {
 public:
  using context_t = detail::context<Middlewares...>;
  using Handler = std::function<void(request&, response&)>;

  template <typename T>
  T& get_middleware() {
    return std::get<T>(middlewares_);
  }
  template <typename T>
  typename T::context& get_context(const request& message) {
    return static_cast<context_t*>(message.middleware_context)->template get<T>();
  }
  template <typename Func>
  Crow& exception_handler(Func&& f) {
    exception_handler_ = std::forward<Func>(f);
    return *this;
  }
  std::function<void(response&)>& exception_handler() { return exception_handler_; }

  // --- the stand-in's own ---

  void Route(const std::string& url, Handler handler) { routes_[url] = std::move(handler); }

  // One connection: what belongs to it lives on from request to request, as in Crow. A handler that does not
  // end its response leaves that to later.
  struct Connection {
    request message;
    response answer;
    context_t context;
  };
  void Serve(Connection& connection) {
    auto& [message, answer, context] = connection;
    answer.complete_request_handler_ = nullptr;
    answer.code = 200;
    answer.body.clear();
    answer.headers.clear();
    answer.completed_ = false;
    message.middleware_context = &context;
    const auto after = [this, &connection] {
      (std::get<Middlewares>(middlewares_)
           .after_handle(connection.message, connection.answer,
                         connection.context.template get<Middlewares>()),
       ...);
    };
    const auto route = routes_.find(message.url);
    context = context_t();
    if (route == routes_.end()) {  // before headers are read, and without before_handle
      answer.code = 404;
      return after();
    }
    (std::get<Middlewares>(middlewares_).before_handle(message, answer, context.template get<Middlewares>()),
     ...);
    answer.complete_request_handler_ = after;
    try {
      route->second(message, answer);
    } catch (...) {
      exception_handler_(answer);
      answer.end();
    }
  }

 private:
  std::tuple<Middlewares...> middlewares_;
  std::map<std::string, Handler> routes_;
  std::function<void(response&)> exception_handler_ = [](response& answer) { answer.code = 500; };
};

template <typename... Middlewares>
using App = Crow<Middlewares...>;

}  // namespace crow
