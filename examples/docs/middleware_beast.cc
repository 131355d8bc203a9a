// Samples of docs/middleware.md.
#include <boost/asio/ip/tcp.hpp>
#include <string>
// [handle]
#include <boost/beast/http.hpp>

#include <taffrail/middleware/beast.h>

namespace http = boost::beast::http;

http::response<http::string_body> handler(const http::request<http::string_body>& request,
                                          taffrail::middleware::RequestLog& log) {
  log.set_route("/tasks/{id}");
  http::response<http::string_body> response{http::status::ok, request.version()};
  response.body() = "{}";
  response.prepare_payload();
  return response;
}

void serve_one(boost::asio::ip::tcp::socket& socket, const http::request<http::string_body>& request) {
  static const taffrail::middleware::HttpMiddleware middleware({.trusted_proxies = {"10.0.0.0/8"}});
  const std::string peer = socket.remote_endpoint().address().to_string();
  http::write(socket, taffrail::middleware::handle(middleware, request, peer, handler));
}
// [/handle]

// [session]
class Session {
 public:
  explicit Session(const taffrail::middleware::HttpMiddleware& middleware) : middleware_(middleware) {}

  void on_read(const http::request<http::string_body>& message, const std::string& peer) {
    request_ = taffrail::middleware::begin(middleware_, message, peer);
    const taffrail::middleware::Inside inside(request_);
    // … start the work; what goes on later enters the request again in the same way
  }
  void answer(http::response<http::string_body>& response) {
    taffrail::middleware::prepare(*request_, response);  // its id into the headers
    // … async_write
  }
  void on_written(boost::system::error_code error) { taffrail::middleware::complete(*request_, error); }

 private:
  const taffrail::middleware::HttpMiddleware& middleware_;
  std::shared_ptr<taffrail::middleware::RequestLog> request_;
};
// [/session]
