// The middleware in a server over Boost.Beast, with real connections.
#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <stdexcept>
#include <string>
#include <thread>

#include "captured_lines.h"
#include "taffrail/middleware/beast.h"

namespace taffrail::middleware {
namespace {

namespace http = boost::beast::http;
using boost::asio::ip::tcp;
using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

const Logger app_log("app");

Response Answer(const Request& request) {
  if (request.target() == "/throw") throw std::runtime_error("no disk");
  if (request.target() == "/throw-int") throw 42;
  app_log.info("handled", {{"target", std::string(request.target())}});
  Response response{http::status::ok, request.version()};
  response.body() = "hello, " + request.body();
  response.prepare_payload();
  return response;
}

// One connection after the other, a request at a time.
class Server {
 public:
  explicit Server(const Options& options)
      : handler_(wrap(HttpMiddleware(options), Answer)), thread_([this] { Run(); }) {}
  ~Server() {
    boost::system::error_code ignored;
    tcp::socket wake(io_);
    stopping_ = true;
    wake.connect(acceptor_.local_endpoint(), ignored);
  }
  tcp::endpoint endpoint() const { return acceptor_.local_endpoint(); }

 private:
  void Run() {
    while (true) {
      tcp::socket socket(io_);
      acceptor_.accept(socket);
      if (stopping_) return;
      Serve(socket);
      EXPECT_EQ(context_value("request_id"), "");
      EXPECT_EQ(RequestLog::current(), nullptr);
    }
  }
  void Serve(tcp::socket& socket) {
    boost::beast::flat_buffer buffer;
    const std::string peer = socket.remote_endpoint().address().to_string();
    while (true) {
      Request request;
      boost::system::error_code error;
      http::read(socket, buffer, request, error);
      if (error) return;
      Response response{http::status::internal_server_error, request.version()};
      try {
        response = handler_(request, peer);
      } catch (...) {  // what goes through the middleware comes here
      }
      response.prepare_payload();
      http::write(socket, response, error);
      if (error) return;
    }
  }

  boost::asio::io_context io_;
  tcp::acceptor acceptor_{io_, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)};
  decltype(wrap(HttpMiddleware(), Answer)) handler_;
  std::atomic<bool> stopping_{false};
  std::jthread thread_;
};

class Client {
 public:
  explicit Client(const Server& server) { socket_.connect(server.endpoint()); }
  Response Send(http::verb method, const std::string& target, const std::string& body = "",
                const std::vector<std::pair<std::string, std::string>>& headers = {}) {
    Request request{method, target, 11};
    for (const auto& [name, value] : headers) request.insert(name, value);
    request.body() = body;
    request.prepare_payload();
    http::write(socket_, request);
    Response response;
    http::read(socket_, buffer_, response);
    return response;
  }

 private:
  boost::asio::io_context io_;
  tcp::socket socket_{io_};
  boost::beast::flat_buffer buffer_;
};

std::string Id(const Response& response) { return std::string(response["X-Request-ID"]); }

// REQ C-05, C-01
TEST(Beast, RequestsOfOneConnectionHaveEachTheirOwn) {
  CapturedLines lines;
  {
    const Server server({.trusted_proxies = {"127.0.0.0/8"}});
    Client client(server);
    const Response first = client.Send(http::verb::post, "/a?secret=1", "Ada",
                                       {{"X-Request-ID", "req_1"}, {"X-Forwarded-For", "192.0.2.7"}});
    EXPECT_EQ(Id(first), "req_1");
    EXPECT_EQ(first.body(), "hello, Ada");
    const std::string second = Id(client.Send(http::verb::get, "/b"));
    EXPECT_EQ(second.rfind("req_", 0), 0U);
    EXPECT_NE(second, "req_1");
    EXPECT_EQ(lines.With("target", "/b")[0]["request_id"], second);
  }
  auto requests = lines.Requests();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0]["method"], "POST");
  EXPECT_EQ(requests[0]["path"], "/a");
  EXPECT_EQ(requests[0]["ip_address"], "192.0.2.7");
  EXPECT_EQ(requests[0]["request_size_bytes"], "3");
  EXPECT_EQ(requests[0]["response_size_bytes"], "10");
  EXPECT_EQ(requests[1]["ip_address"], "127.0.0.1");
  EXPECT_EQ(lines.With("event", "http_request_audited").size(), 1U);
}

TEST(Beast, ExceptionsAreLoggedAndGoOn) {  // REQ C-05
  CapturedLines lines;
  {
    const Server server({});
    Client client(server);
    EXPECT_EQ(client.Send(http::verb::get, "/throw").result_int(), 500U);
    EXPECT_EQ(client.Send(http::verb::get, "/throw-int").result_int(), 500U);
    EXPECT_EQ(client.Send(http::verb::get, "/fine").result_int(), 200U);
  }
  const auto errors = lines.With("message", "Unhandled exception");
  ASSERT_EQ(errors.size(), 2U);
  EXPECT_EQ(errors[0].at("exception.message"), "no disk");
  EXPECT_EQ(errors[1].at("exception.type"), "int");
  auto requests = lines.Requests();
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_EQ(requests[0]["status_code"], "500");
  EXPECT_EQ(requests[1]["status_code"], "500");
  EXPECT_EQ(requests[2]["status_code"], "200");
}

TEST(Beast, HostileIdsDoNotGetIntoTheAnswer) {  // REQ C-01
  CapturedLines lines;
  {
    const Server server({});
    Client client(server);
    const Response response =
        client.Send(http::verb::get, "/", "", {{"X-Request-ID", "a'; DROP--"}, {"X-Request-ID", "second"}});
    EXPECT_EQ(Id(response).rfind("req_", 0), 0U);
  }
  EXPECT_EQ(lines.With("message", "Hostile request id replaced")[0]["rejected"], "a'; DROP--");
}

// A session that writes by itself: the event comes when the answer is out, or is known not to come out.
TEST(Beast, ASessionEndsTheRequestItself) {
  CapturedLines lines;
  const HttpMiddleware middleware;
  Request message{http::verb::get, "/stream", 11};
  message.set(http::field::user_agent, "curl/8");
  Response response{http::status::ok, 11};
  response.body() = "12345";
  response.prepare_payload();
  for (const bool gone : {false, true}) {
    lines.Clear();
    const auto request = begin(middleware, message, "203.0.113.5");
    prepare(*request, response);
    EXPECT_TRUE(lines.Requests().empty());
    complete(*request, gone ? boost::asio::error::broken_pipe : boost::system::error_code());
    auto requests = lines.Requests();
    ASSERT_EQ(requests.size(), 1U);
    EXPECT_EQ(requests[0]["response_size_bytes"], "5");
    EXPECT_EQ(requests[0]["user_agent"], "curl/8");
    EXPECT_EQ(requests[0].contains("outcome"), gone);
  }
}

}  // namespace
}  // namespace taffrail::middleware
