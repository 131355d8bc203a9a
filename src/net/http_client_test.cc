// The client against the server.
#include "net/http_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "net/codec_for_tests.h"
#include "net/http_server.h"
#include "net/router.h"
#include "net/socket_for_tests.h"

namespace taffrail::net {
namespace {

using ::testing::HasSubstr;

std::string Message(const absl::Status& status) { return std::string(status.message()); }

class HttpClientTest : public ::testing::Test {
 protected:
  HttpClientTest() {
    router_.Add("POST", "/echo", [](HttpRequest& request, HttpResponder& responder) {
      auto body = request.ReadWholeBody(16 << 20);
      if (!body.ok()) return responder.SendError(body.status());
      responder.Send(200,
                     {{"X-Type", std::string(request.headers.Get("Content-Type", "none"))},
                      {"X-Empty", request.headers.Has("X-Empty") ? "sent" : "not sent"}},
                     *std::move(body));
    });
    router_.Add("GET", "/gzip", [](HttpRequest&, HttpResponder& responder) {
      responder.Send(200, {{"Content-Encoding", "gzip"}}, Gzip("plain again"));
    });
    router_.Add("GET", "/busy", [](HttpRequest&, HttpResponder& responder) {
      responder.Send(503, {{"Retry-After", "7"}}, "later");
    });
    router_.Add("GET", "/tail", [](HttpRequest&, HttpResponder& responder) {
      const auto stream = responder.BeginStream(200, {});
      while (stream->Write("event\n")) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    });
    router_.Add("GET", "/silent", [](HttpRequest&, HttpResponder& responder) {
      while (!responder.client_gone()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
      responder.Send(200, {}, "");
    });
    auto handler = [this](HttpRequest& request, HttpResponder& responder) {
      router_.Handle(request, responder);
    };
    server_ = HttpServer::Start({}, handler).value();
  }
  std::string Url(std::string_view path) const {
    return "http://127.0.0.1:" + std::to_string(server_->port()) + std::string(path);
  }

  Router router_;
  std::unique_ptr<HttpServer> server_;
  HttpClient client_;
};

TEST_F(HttpClientTest, SendsAndReusesItsConnection) {
  for (int i = 0; i < 5; ++i) {
    const auto response = client_.Send({.method = "POST",
                                        .url = Url("/echo"),
                                        .headers = {{"X-Empty", ""}},
                                        .body = "body" + std::to_string(i)});
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, "body" + std::to_string(i));
    EXPECT_EQ(response->headers.Get("x-type"), "none");
    EXPECT_EQ(response->headers.Get("x-empty"), "sent");
  }
  EXPECT_EQ(server_->connections(), 1);
}

TEST_F(HttpClientTest, SendsBigBodies) {  // curl asks "Expect: 100-continue" beyond 1 MiB
  const std::string body(5 << 20, 'b');
  const auto response = client_.Send({.method = "POST", .url = Url("/echo"), .body = body});
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_TRUE(response->body == body);
}

TEST_F(HttpClientTest, SeesStatusesAsAnswers) {
  EXPECT_EQ(client_.Send({.url = Url("/none")})->status, 404);
  EXPECT_EQ(client_.Send({.method = "DELETE", .url = Url("/echo")})->headers.Get("Allow"), "POST, OPTIONS");
  EXPECT_EQ(client_.Send({.method = "HEAD", .url = Url("/gzip")})->body, "");
  const auto busy = client_.Send({.url = Url("/busy")});
  EXPECT_EQ(busy->status, 503);
  EXPECT_EQ(busy->retry_after_ms, 7000);
}

TEST_F(HttpClientTest, DecodesAnswers) {
  EXPECT_EQ(client_.Send({.url = Url("/gzip")})->body, "plain again");
}

TEST_F(HttpClientTest, BoundsAnswers) {
  const auto response = client_.Send(
      {.method = "POST", .url = Url("/echo"), .body = std::string(1000, 'x'), .max_response_bytes = 999});
  EXPECT_EQ(response.status().code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(HttpClientTest, StreamsUntilTheCallerStops) {
  std::string seen;
  int status = 0;
  const auto response = client_.Stream(
      {.url = Url("/tail"), .total_timeout_ms = 0},
      [&](const HttpClientResponse& head) {
        status = head.status;
        return true;
      },
      [&](std::string_view data) {
        seen += data;
        return seen.size() < 30;
      });
  EXPECT_EQ(response.status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(status, 200);
  EXPECT_THAT(seen, HasSubstr("event\nevent\n"));
}

TEST_F(HttpClientTest, StreamsGiveTheBodyOfAnError) {
  const auto response = client_.Stream({.url = Url("/none")}, nullptr, [](std::string_view) { return true; });
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->status, 404);
  EXPECT_THAT(response->body, HasSubstr("about:blank"));
}

TEST_F(HttpClientTest, UploadsWhatItPulls) {
  int pieces = 0;
  const auto response = client_.Upload({.method = "POST", .url = Url("/echo")},
                                       [&](std::string& chunk) -> absl::StatusOr<bool> {
                                         chunk = std::string(100'000, static_cast<char>('a' + pieces));
                                         return ++pieces <= 3;
                                       });
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_TRUE(response->body ==
              std::string(100'000, 'a') + std::string(100'000, 'b') + std::string(100'000, 'c'));
  const auto failed =
      client_.Upload({.method = "POST", .url = Url("/echo")},
                     [](std::string&) -> absl::StatusOr<bool> { return absl::DataLossError("disk"); });
  EXPECT_EQ(failed.status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(HttpClientTest, CanBeCancelledFromAnotherThread) {
  std::thread canceller([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    client_.Cancel();
  });
  const auto response = client_.Send({.url = Url("/silent")});
  canceller.join();
  EXPECT_EQ(response.status().code(), absl::StatusCode::kCancelled);
}

TEST_F(HttpClientTest, NamesWhatWentWrong) {
  const auto timeout = client_.Send({.url = Url("/silent"), .total_timeout_ms = 100});
  EXPECT_EQ(timeout.status().code(), absl::StatusCode::kDeadlineExceeded);
  const uint16_t port = server_->port();
  server_->Stop();
  const auto refused = client_.Send({.url = "http://127.0.0.1:" + std::to_string(port) + "/"});
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(Message(refused.status()), HasSubstr("127.0.0.1:" + std::to_string(port)));
  EXPECT_THAT(Message(refused.status()), HasSubstr("is the server running"));
  for (const char* bad : {"", "no url at all", "ftp://127.0.0.1/", "http://"}) {
    EXPECT_EQ(client_.Send({.url = bad}).status().code(), absl::StatusCode::kInvalidArgument) << bad;
  }
  const auto split = client_.Send({.url = "http://127.0.0.1:1/", .headers = {{"X", "a\r\nY: b"}}});
  EXPECT_EQ(split.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(RetryAfter, IsSecondsOrADate) {
  constexpr int64_t kNowNs = 784'111'777LL * 1'000'000'000;  // Sun, 06 Nov 1994 08:49:37 GMT
  EXPECT_EQ(ParseRetryAfterMs(" 120 ", kNowNs), 120'000);
  EXPECT_EQ(ParseRetryAfterMs("0", kNowNs), 0);
  EXPECT_EQ(ParseRetryAfterMs("Sun, 06 Nov 1994 08:50:37 GMT", kNowNs), 60'000);
  EXPECT_EQ(ParseRetryAfterMs("Sun, 06 Nov 1994 08:00:00 GMT", kNowNs), 0);
  EXPECT_EQ(ParseRetryAfterMs("soon", kNowNs), std::nullopt);
  EXPECT_EQ(ParseRetryAfterMs("-1", kNowNs), std::nullopt);
  EXPECT_EQ(ParseRetryAfterMs("", kNowNs), std::nullopt);
}

}  // namespace
}  // namespace taffrail::net
