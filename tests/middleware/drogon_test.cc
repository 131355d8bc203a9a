// The adapter for Drogon, against a stand-in (frameworks/drogon/drogon.h).
#include "taffrail/middleware/drogon.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

#include "captured_lines.h"

namespace taffrail::middleware {
namespace {

const Logger app_log("app");
using Callback = std::function<void(const drogon::HttpResponsePtr&)>;

drogon::HttpRequestPtr Request(const std::string& path, const std::string& method = "GET") {
  auto request = std::make_shared<drogon::HttpRequest>();
  request->path = path;
  request->method = method;
  request->headers = {{"x-request-id", "req_1"}, {"x-forwarded-for", "192.0.2.7"}};
  request->peer.ip = "10.0.0.1";
  return request;
}

class DrogonTest : public testing::Test {
 protected:
  DrogonTest() {
    app_.Route("/tasks", [](const drogon::HttpRequestPtr&, Callback&& callback) {
      const Scope scope({{"task_id", 7}});
      app_log.info("handled");
      auto response = std::make_shared<drogon::HttpResponse>();
      response->body = "12345";
      callback(response);
    });
    app_.Route("/throw",
               [](const drogon::HttpRequestPtr&, Callback&&) { throw std::runtime_error("no disk"); });
    app_.Route("/later", [this](const drogon::HttpRequestPtr&, Callback&& callback) {
      app_log.info("waits");
      waiting_ = std::move(callback);
    });
    install(app_, {.trusted_proxies = {"10.0.0.0/8"}});
  }

  CapturedLines lines_;
  drogon::HttpAppFramework app_;
  Callback waiting_;
};

TEST_F(DrogonTest, OneCallInstallsIdsPerformanceAndAudit) {  // REQ C-05, C-01
  const auto request = Request("/tasks", "POST");
  request->body = "abc";
  const auto response = app_.Serve(request);
  EXPECT_EQ(response->headers["X-Request-ID"], "req_1");
  EXPECT_EQ(lines_.With("message", "handled").at(0).at("request_id"), "req_1");
  EXPECT_EQ(lines_.With("message", "handled").at(0).at("task_id"), "7");
  Line line = lines_.Requests().at(0);
  const Line expected = {{"method", "POST"},          {"path", "/tasks"},
                         {"route", "/tasks"},         {"status_code", "200"},
                         {"ip_address", "192.0.2.7"}, {"request_size_bytes", "3"},
                         {"response_size_bytes", "5"}};
  for (const auto& [key, value] : expected) EXPECT_EQ(line[key], value) << key;
  EXPECT_FALSE(line.contains("task_id"));
  EXPECT_EQ(lines_.With("event", "http_request_audited").size(), 1U);
  EXPECT_EQ(context_value("request_id"), "");  // the loop's thread is as before
  EXPECT_EQ(RequestLog::current(), nullptr);
}

TEST_F(DrogonTest, Exceptions) {
  EXPECT_EQ(app_.Serve(Request("/throw"))->status, drogon::k500InternalServerError);
  EXPECT_EQ(lines_.With("message", "Unhandled exception").at(0).at("exception.message"), "no disk");
  EXPECT_EQ(lines_.Requests().at(0).at("status_code"), "500");
}

TEST_F(DrogonTest, APathThatNoRouteHas) {
  app_.Serve(Request("/nothing-here"));
  EXPECT_EQ(lines_.Requests().at(0).at("status_code"), "404");
}

TEST_F(DrogonTest, AnswersComeLaterAndFromElsewhere) {
  const auto request = Request("/later");
  EXPECT_EQ(app_.Serve(request), nullptr);
  app_.Serve(Request("/tasks"));  // meanwhile, on the same thread
  std::jthread([&] {
    const Inside inside(request_of(request));
    app_log.info("elsewhere");
    auto response = std::make_shared<drogon::HttpResponse>();
    response->status = drogon::k202Accepted;
    waiting_(response);
  }).join();
  EXPECT_EQ(lines_.With("message", "elsewhere").at(0).at("request_id"), "req_1");
  ASSERT_EQ(lines_.Requests().size(), 2U);
  EXPECT_EQ(lines_.Requests().at(1).at("status_code"), "202");
}

TEST_F(DrogonTest, AConnectionThatIsLostFirst) {
  app_.Serve(Request("/later"));
  waiting_ = nullptr;  // and with it the request
  EXPECT_EQ(lines_.Requests().at(0).at("outcome"), "aborted");
}

}  // namespace
}  // namespace taffrail::middleware
