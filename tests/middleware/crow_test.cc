// The adapter for Crow, against a stand-in (frameworks/crow.h).
#include "taffrail/middleware/crow.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

#include "captured_lines.h"

namespace taffrail::middleware {
namespace {

const Logger app_log("app");
using App = crow::App<CrowMiddleware>;

App::Connection Connect(const std::string& url, crow::HTTPMethod method = crow::HTTPMethod::Get) {
  App::Connection connection;
  connection.message.method = method;
  connection.message.url = url;
  connection.message.remote_ip_address = "10.0.0.1";
  connection.message.headers = {{"x-request-id", "req_1"}, {"X-Forwarded-For", "192.0.2.7"}};
  return connection;
}

class CrowTest : public testing::Test {
 protected:
  CrowTest() {
    app_.Route("/tasks", [](crow::request&, crow::response& response) {
      const Scope scope({{"task_id", 7}});
      RequestLog::current()->set_route("/tasks");
      app_log.info("handled");
      response.body = "12345";
      response.end();  // the middleware is done, and our scope is still open
    });
    app_.Route("/throw", [](crow::request&, crow::response&) { throw std::runtime_error("no disk"); });
    app_.Route("/later", [](crow::request&, crow::response&) { app_log.info("waits"); });
    install(app_, {.trusted_proxies = {"10.0.0.0/8"}});
  }

  CapturedLines lines_;
  App app_;
};

TEST_F(CrowTest, OneCallInstallsIdsPerformanceAndAudit) {  // REQ C-05, C-01
  App::Connection connection = Connect("/tasks", crow::HTTPMethod::Post);
  connection.message.body = "abc";
  app_.Serve(connection);
  EXPECT_EQ(connection.answer.headers.find("X-Request-ID")->second, "req_1");
  EXPECT_EQ(lines_.With("message", "handled").at(0).at("request_id"), "req_1");
  Line line = lines_.Requests().at(0);
  const Line expected = {{"method", "POST"},          {"path", "/tasks"},
                         {"route", "/tasks"},         {"status_code", "200"},
                         {"ip_address", "192.0.2.7"}, {"request_size_bytes", "3"},
                         {"response_size_bytes", "5"}};
  for (const auto& [key, value] : expected) EXPECT_EQ(line[key], value) << key;
  EXPECT_EQ(lines_.With("event", "http_request_audited").size(), 1U);

  // The next request of the connection, on this thread.
  connection.message.headers.clear();
  app_.Serve(connection);
  const std::string second = connection.answer.headers.find("X-Request-ID")->second;
  EXPECT_NE(second, "req_1");
  EXPECT_EQ(lines_.With("message", "handled").at(1).at("request_id"), second);
}

TEST_F(CrowTest, Exceptions) {
  App::Connection connection = Connect("/throw");
  app_.Serve(connection);
  EXPECT_EQ(lines_.With("message", "Unhandled exception").at(0).at("exception.message"), "no disk");
  EXPECT_EQ(lines_.Requests().at(0).at("status_code"), "500");
  EXPECT_EQ(RequestLog::current(), nullptr);
  app_log.info("afterwards");
  EXPECT_FALSE(lines_.With("message", "afterwards").at(0).contains("request_id"));
}

TEST_F(CrowTest, APathThatNoRouteHasIsARequestToo) {
  App::Connection connection = Connect("/nothing-here");
  app_.Serve(connection);
  EXPECT_EQ(lines_.Requests().at(0).at("status_code"), "404");
}

TEST_F(CrowTest, AResponseThatEndsOnAnotherThread) {
  App::Connection connection = Connect("/later");
  app_.Serve(connection);
  EXPECT_TRUE(lines_.Requests().empty());
  std::jthread([&] {
    const Inside inside(app_.get_context<CrowMiddleware>(connection.message).request);
    app_log.info("elsewhere");
    connection.answer.code = 202;
    connection.answer.end();
  }).join();
  EXPECT_EQ(lines_.With("message", "elsewhere").at(0).at("request_id"), "req_1");
  EXPECT_EQ(lines_.Requests().at(0).at("status_code"), "202");
  App::Connection next = Connect("/tasks");
  next.message.headers.clear();
  app_.Serve(next);
  EXPECT_NE(lines_.With("message", "handled").at(0).at("request_id"), "req_1");
}

TEST_F(CrowTest, AConnectionThatIsLostFirst) {
  {
    App::Connection connection = Connect("/later");
    app_.Serve(connection);
  }
  App::Connection next = Connect("/tasks");  // the thread lets go of the lost one
  app_.Serve(next);
  EXPECT_EQ(lines_.Requests().at(0).at("outcome"), "aborted");
  EXPECT_EQ(lines_.Requests().size(), 2U);
}

}  // namespace
}  // namespace taffrail::middleware
