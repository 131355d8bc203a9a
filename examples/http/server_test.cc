#include "http/server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <system_error>
#include <thread>

#include "http/client.h"

namespace examples::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Client ClientOf(const Server& server, milliseconds timeout = seconds(10)) {
  return {{.host = "127.0.0.1", .port = server.port()}, timeout};
}

Response Echo(Request& request) {
  Response response{
      .status = 201, .body = request.method + " " + request.target + " " + request.body, .headers = {}};
  response.headers.Add("X-Seen", std::string(request.headers.Get("x-sent")));
  return response;
}

TEST(Server, AnswersWhatItsHandlerSays) {
  Server server({}, Echo);
  Client client = ClientOf(server);
  Call call{.method = "PUT", .target = "/a?b=c", .headers = {}, .body = "hello"};
  call.headers.Add("X-Sent", "yes");
  for (int i = 0; i < 3; ++i) {  // on one connection
    const Response response = client.Send(call);
    EXPECT_EQ(response.status, 201);
    EXPECT_EQ(response.body, "PUT /a?b=c hello");
    EXPECT_EQ(response.headers.Get("x-seen"), "yes");
  }
}

TEST(Server, RefusesABodyBeyondItsLimit) {
  Server server({.body_size_bytes_max = 10}, Echo);
  Client client = ClientOf(server);
  EXPECT_EQ(client.Send({.method = "POST", .headers = {}, .body = "0123456789"}).status, 201);
  EXPECT_EQ(client.Send({.method = "POST", .headers = {}, .body = "0123456789x"}).status, 413);
}

TEST(Server, StopWaitsForTheRequestInProgressAndClosesIdleConnections) {
  std::promise<void> entered;
  std::promise<void> leave;
  Server server({}, [&](Request& request) {
    if (request.target == "/slow") {
      entered.set_value();
      leave.get_future().wait();
    }
    return Response{.body = "done", .headers = {}};
  });
  Client idle = ClientOf(server);
  EXPECT_EQ(idle.Send({}).body, "done");

  Client slow = ClientOf(server);
  auto answer =
      std::async(std::launch::async, [&] { return slow.Send({.target = "/slow", .headers = {}}).body; });
  entered.get_future().wait();
  auto stopped = std::async(std::launch::async, [&] { server.Stop(); });
  EXPECT_EQ(stopped.wait_for(milliseconds(50)), std::future_status::timeout);
  leave.set_value();
  stopped.get();
  EXPECT_EQ(answer.get(), "done");
  EXPECT_THROW(idle.Send({}), ConnectionError);
}

TEST(Server, SaysWhenItsAddressIsTaken) {
  Server server({}, Echo);
  EXPECT_THROW(Server({.port = server.port()}, Echo), std::system_error);
}

TEST(Client, GivesUpAfterItsTimeout) {
  std::promise<void> leave;
  Server server({}, [&](Request&) {
    leave.get_future().wait();
    return Response{};
  });
  Client client = ClientOf(server, milliseconds(50));
  try {
    client.Send({});
    ADD_FAILURE() << "no exception";
  } catch (const ConnectionError& error) {
    EXPECT_TRUE(error.timed_out()) << error.what();
  }
  leave.set_value();
}

TEST(Client, ReopensAConnectionThatTheServerClosed) {
  auto server = std::make_unique<Server>(ServerOptions{}, Echo);
  const uint16_t port = server->port();
  Client client = ClientOf(*server);
  EXPECT_EQ(client.Send({}).status, 201);
  server.reset();
  EXPECT_THROW(client.Send({}), ConnectionError);
  server = std::make_unique<Server>(ServerOptions{.port = port}, Echo);
  EXPECT_EQ(client.Send({}).status, 201);
}

TEST(Origin, IsReadFromAUrl) {
  EXPECT_EQ(ParseOrigin("http://localhost:8080/").host, "localhost");
  EXPECT_EQ(ParseOrigin("http://localhost:8080").port, 8080);
  EXPECT_EQ(ParseOrigin("http://localhost").port, 80);
  for (const char* bad :
       {"https://localhost", "localhost:80", "http://", "http://a:b", "http://a:99999", "http://a/b"}) {
    EXPECT_THROW(ParseOrigin(bad), std::invalid_argument) << bad;
  }
}

}  // namespace
}  // namespace examples::http
