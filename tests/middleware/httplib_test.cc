// The middleware in cpp-httplib: Debian's, with real connections.
#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

#include "captured_lines.h"
#include "taffrail/middleware/httplib.h"

namespace taffrail::middleware {
namespace {

const Logger app_log("app");
constexpr size_t kPiece = 1000;
constexpr int kPieces = 10;

class HttplibTest : public testing::Test {
 protected:
  void Start(const Options& options, HttplibHooks own = {}) {
    install(server_, options, std::move(own));
    AddRoutes();
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::jthread([this] { server_.listen_after_bind(); });
    client_ = std::make_unique<httplib::Client>("127.0.0.1", port_);
    client_->set_keep_alive(true);
  }
  void Stop() {
    client_.reset();
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }
  void TearDown() override { Stop(); }

  void AddRoutes() {
    server_.Get("/tasks/(\\d+)", [](const httplib::Request&, httplib::Response& response) {
      RequestLog::current()->set_route("/tasks/{id}");
      RequestLog::current()->set_user("usr_1");
      app_log.info("handled");
      response.set_content("a task", "text/plain");
    });
    server_.Post("/echo", [](const httplib::Request& request, httplib::Response& response) {
      app_log.info("echo");
      response.set_content(request.body, "text/plain");
    });
    server_.Get("/throw",
                [](const httplib::Request&, httplib::Response&) { throw std::runtime_error("no disk"); });
    server_.Get("/throw-int", [](const httplib::Request&, httplib::Response&) { throw 42; });
    server_.Get("/empty",
                [](const httplib::Request&, httplib::Response& response) { response.status = 204; });
    server_.Get("/stream", [](const httplib::Request&, httplib::Response& response) {
      response.set_chunked_content_provider("text/plain", [](size_t offset, httplib::DataSink& sink) {
        app_log.info("piece");
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        if (offset >= kPiece * kPieces) {
          sink.done();
          return true;
        }
        return sink.write(std::string(kPiece, 'x').data(), kPiece);
      });
    });
    server_.Get("/endless", [](const httplib::Request&, httplib::Response& response) {
      response.set_content_provider("text/plain", [](size_t, httplib::DataSink& sink) {
        return sink.write(std::string(kPiece, 'x').data(), kPiece);
      });
    });
  }

  // The only performance event, once it is there: the client may have its answer a moment before.
  Line Request() {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (lines_.Requests().empty() && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    const auto requests = lines_.Requests();
    EXPECT_EQ(requests.size(), 1U);
    lines_.Clear();
    return requests.empty() ? Line() : requests.front();
  }

  CapturedLines lines_;
  httplib::Server server_;
  int port_ = 0;
  std::jthread thread_;
  std::unique_ptr<httplib::Client> client_;
};

// REQ C-05, C-01, C-02, E-01
TEST_F(HttplibTest, OneCallInstallsIdsPerformanceAndAudit) {
  Start({.trusted_proxies = {"127.0.0.1"}});
  const auto response = client_->Get(
      "/tasks/7?token=secret",
      {{"X-Request-ID", "req_1"}, {"User-Agent", "test"}, {"X-Forwarded-For", "9.9.9.9, 192.0.2.7"}});
  ASSERT_TRUE(response);
  EXPECT_EQ(response->get_header_value("X-Request-ID"), "req_1");
  EXPECT_EQ(response->get_header_value_count("X-Request-ID"), 1U);
  const Line handled = lines_.With("message", "handled").at(0);
  EXPECT_EQ(handled.at("request_id"), "req_1");
  EXPECT_EQ(handled.at("user_id"), "usr_1");
  Line line = Request();
  const Line expected = {{"method", "GET"},           {"path", "/tasks/7"},
                         {"route", "/tasks/{id}"},    {"status_code", "200"},
                         {"user_agent", "test"},      {"ip_address", "192.0.2.7"},
                         {"request_size_bytes", "0"}, {"response_size_bytes", "6"},
                         {"request_id", "req_1"},     {"user_id", "usr_1"}};
  for (const auto& [key, value] : expected) EXPECT_EQ(line[key], value) << key;

  const auto echo = client_->Post("/echo", "12345", "text/plain");
  ASSERT_TRUE(echo);
  const std::string id = echo->get_header_value("X-Request-ID");
  EXPECT_NE(id, "req_1");
  EXPECT_EQ(lines_.With("message", "echo").at(0).at("request_id"), id);
  EXPECT_FALSE(lines_.With("message", "echo").at(0).contains("user_id"));  // of the request before
  Stop();
  EXPECT_EQ(lines_.With("event", "http_request_audited").at(0).at("action"), "POST /echo");
  line = Request();
  EXPECT_EQ(line["request_size_bytes"], "5");
  EXPECT_EQ(line["response_size_bytes"], "5");
}

TEST_F(HttplibTest, ExceptionsOfEveryType) {  // REQ C-05
  Start({});
  for (const auto& [path, type] : std::vector<std::pair<std::string, std::string>>{
           {"/throw", "std::runtime_error"}, {"/throw-int", "int"}}) {
    const auto response = client_->Get(path);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 500);
    EXPECT_FALSE(response->has_header("EXCEPTION_WHAT"));
    const auto errors = lines_.With("message", "Unhandled exception");
    ASSERT_EQ(errors.size(), 1U);
    EXPECT_EQ(errors[0].at("exception.type"), type);
    EXPECT_EQ(errors[0].at("request_id"), response->get_header_value("X-Request-ID"));
    EXPECT_EQ(Request()["status_code"], "500");
  }
}

TEST_F(HttplibTest, AStreamedBodyIsCountedAndTheEventComesAtItsEnd) {
  Start({});
  const auto response = client_->Get("/stream");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body.size(), kPiece * kPieces);
  const std::string id = response->get_header_value("X-Request-ID");
  for (const Line& piece : lines_.With("message", "piece")) EXPECT_EQ(piece.at("request_id"), id);
  Line line = Request();
  EXPECT_EQ(line["response_size_bytes"], std::to_string(kPiece * kPieces));
  EXPECT_GE(std::stod(line["duration_ms"]), 10.0);
  EXPECT_FALSE(line.contains("outcome"));
}

TEST_F(HttplibTest, AClientThatGoesAwayInTheMiddle) {
  Start({});
  size_t received = 0;
  client_->Get("/endless", [&](const char*, size_t size) {
    received += size;
    return received < 10 * kPiece;
  });
  client_.reset();  // closes the connection
  Line line = Request();
  EXPECT_EQ(line["outcome"], "aborted");
  EXPECT_EQ(line["status_code"], "200");
  EXPECT_GE(std::stoull(line["response_size_bytes"]), 10 * kPiece);
}

TEST_F(HttplibTest, AnswersWithoutBodies) {
  Start({});
  ASSERT_TRUE(client_->Head("/tasks/7"));
  Line line = Request();
  EXPECT_EQ(line["method"], "HEAD");
  EXPECT_EQ(line["response_size_bytes"], "0");
  ASSERT_TRUE(client_->Get("/empty"));
  line = Request();
  EXPECT_EQ(line["status_code"], "204");
  EXPECT_EQ(line["response_size_bytes"], "0");
  ASSERT_TRUE(client_->Head("/stream"));
  line = Request();
  EXPECT_FALSE(line.contains("outcome"));
  ASSERT_TRUE(client_->Get("/nothing-here"));
  EXPECT_EQ(Request()["status_code"], "404");
}

TEST_F(HttplibTest, IgnoredPaths) {
  Start({.ignored_paths = {"/tasks/*"}});
  ASSERT_TRUE(client_->Get("/tasks/7"));
  ASSERT_TRUE(client_->Get("/empty"));
  EXPECT_EQ(Request()["path"], "/empty");
}

TEST_F(HttplibTest, OnesOwnHooksStillRun) {
  std::atomic<int> calls{0};
  Start({}, {.pre_routing =
                 [&](const httplib::Request&, httplib::Response&) {
                   ++calls;
                   return httplib::Server::HandlerResponse::Unhandled;
                 },
             .post_routing = [&](const httplib::Request&, httplib::Response&) { ++calls; },
             .exception =
                 [&](const httplib::Request&, httplib::Response& response, const std::exception_ptr&) {
                   ++calls;
                   response.status = 503;
                 },
             .logger = [&](const httplib::Request&, const httplib::Response&) { ++calls; }});
  const auto response = client_->Get("/throw");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 503);
  EXPECT_EQ(Request()["status_code"], "503");
  EXPECT_EQ(calls.load(), 4);
}

// What is refused before routing is a request too.
TEST_F(HttplibTest, GarbageInsteadOfARequest) {
  Start({});
  const int socket_fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port_));
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  ASSERT_EQ(connect(socket_fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  const std::string garbage = "\x16\x03\x01 garbage\r\n\r\n";
  ASSERT_EQ(write(socket_fd, garbage.data(), garbage.size()), static_cast<ssize_t>(garbage.size()));
  char answer[1024];
  ASSERT_GT(read(socket_fd, answer, sizeof(answer)), 0);
  close(socket_fd);
  EXPECT_EQ(Request()["status_code"], "400");
}

TEST_F(HttplibTest, ManyConnectionsAtOnce) {
  Start({});
  constexpr int kThreads = 6;
  constexpr int kRequests = 40;
  std::atomic<int> wrong{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        httplib::Client client("127.0.0.1", port_);
        for (int k = 0; k < kRequests; ++k) {
          const std::string id = "req_" + std::to_string(i) + "_" + std::to_string(k);
          const auto response = client.Get("/tasks/1", {{"X-Request-ID", id}});
          if (!response || response->get_header_value("X-Request-ID") != id) ++wrong;
        }
      });
    }
  }
  Stop();
  EXPECT_EQ(wrong.load(), 0);
  std::map<std::string, int> seen;
  for (const Line& line : lines_.Requests()) ++seen[line.at("request_id")];
  EXPECT_EQ(seen.size(), size_t{kThreads} * kRequests);
  for (const Line& line : lines_.With("message", "handled")) ++seen[line.at("request_id")];
  for (const auto& [id, times] : seen) EXPECT_EQ(times, 2) << id;
}

}  // namespace
}  // namespace taffrail::middleware
