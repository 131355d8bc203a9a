// What real clients send: libcurl and Beast, to a real server on this machine.
#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <memory>
#include <string>
#include <thread>

#include "taffrail/propagate/beast.h"
#include "taffrail/propagate/curl.h"
#include "taffrail/span.h"

namespace taffrail {
namespace {

namespace http = boost::beast::http;
using Tcp = boost::asio::ip::tcp;

// Takes one request, as a server with the middleware would.
class OneRequest {
 public:
  OneRequest() : acceptor_(io_, {boost::asio::ip::address_v4::loopback(), 0}), thread_([this] { Serve(); }) {}

  Tcp::endpoint endpoint() const { return acceptor_.local_endpoint(); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(endpoint().port()) + "/"; }

  const Incoming& incoming() {
    if (thread_.joinable()) thread_.join();
    return incoming_;
  }
  std::string field(const char* name) { return std::string(request_[name]); }

 private:
  void Serve() {
    Tcp::socket socket = acceptor_.accept();
    boost::beast::flat_buffer buffer;
    http::read(socket, buffer, request_);
    incoming_ = extract(request_);
    http::response<http::empty_body> response(http::status::no_content, request_.version());
    for (const auto& [name, value] : response_headers(incoming_.request)) response.set(name, value);
    response.keep_alive(false);
    http::write(socket, response);
  }

  boost::asio::io_context io_;
  Tcp::acceptor acceptor_;
  http::request<http::string_body> request_;
  Incoming incoming_;
  std::jthread thread_;
};

class Clients : public testing::Test {
 protected:
  Clients() : trace_(TraceOf()), scope_(trace_) {}

  static TraceContext TraceOf() {
    TraceContext trace{.parent = generate_traceparent(), .state = parse_tracestate("a=1,b=2"), .baggage = {}};
    trace.baggage.set("tenant", "M\xC3\xBCller, S\xC3\xB6hne");
    return trace;
  }

  void ExpectAllArrived(OneRequest& server) {
    const Incoming& incoming = server.incoming();
    EXPECT_EQ(incoming.request.id, "req_1");
    EXPECT_EQ(incoming.trace.parent.trace_id, trace_.parent.trace_id);
    EXPECT_NE(incoming.trace.parent.span_id, trace_.parent.span_id);
    EXPECT_EQ(incoming.trace.state.members(), trace_.state.members());
    EXPECT_EQ(incoming.trace.baggage.get("tenant"), trace_.baggage.get("tenant"));
  }

  const IdScope ids_{"req_1"};
  const TraceContext trace_;
  const TraceScope scope_;
};

size_t Collect(char* data, size_t size, size_t count, void* to) {
  static_cast<std::string*>(to)->append(data, size * count);
  return size * count;
}

// REQ C-04, C-01
TEST_F(Clients, Libcurl) {
  OneRequest server;
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy(curl_easy_init(), curl_easy_cleanup);
  CurlHeaders headers;
  EXPECT_TRUE(headers.add("X-Own: 1"));
  std::string answer;
  curl_easy_setopt(easy.get(), CURLOPT_URL, server.url().c_str());
  curl_easy_setopt(easy.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(easy.get(), CURLOPT_HEADERFUNCTION, Collect);
  curl_easy_setopt(easy.get(), CURLOPT_HEADERDATA, &answer);
  EXPECT_EQ(headers.apply(easy.get()), CURLE_OK);
  EXPECT_EQ(curl_easy_perform(easy.get()), CURLE_OK);
  ExpectAllArrived(server);
  EXPECT_EQ(server.field("X-Own"), "1");
  EXPECT_NE(answer.find("X-Request-ID: req_1\r\n"), answer.npos);
  EXPECT_NE(answer.find("X-Correlation-ID: req_1\r\n"), answer.npos);
}

TEST_F(Clients, LibcurlWithAListOfItsOwn) {
  OneRequest server;
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy(curl_easy_init(), curl_easy_cleanup);
  const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> list(
      append_context_headers(curl_slist_append(nullptr, "X-Own: 1")), curl_slist_free_all);
  curl_easy_setopt(easy.get(), CURLOPT_URL, server.url().c_str());
  curl_easy_setopt(easy.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, list.get());
  EXPECT_EQ(curl_easy_perform(easy.get()), CURLE_OK);
  ExpectAllArrived(server);
  EXPECT_EQ(server.field("X-Own"), "1");
}

TEST_F(Clients, Beast) {
  OneRequest server;
  boost::asio::io_context io;
  Tcp::socket socket(io);
  socket.connect(server.endpoint());
  http::request<http::empty_body> request(http::verb::get, "/", 11);
  request.set(http::field::host, "127.0.0.1");
  request.set("X-Request-ID", "of an earlier attempt");
  inject(request);
  http::write(socket, request);
  boost::beast::flat_buffer buffer;
  http::response<http::string_body> response;
  http::read(socket, buffer, response);
  ExpectAllArrived(server);
  EXPECT_EQ(response["X-Request-ID"], "req_1");
}

}  // namespace
}  // namespace taffrail
