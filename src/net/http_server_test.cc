// Requests, bodies and hostile bytes against a running server, over real sockets. Streams and stopping: see
// http_stream_test.cc.
#include "net/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "base/hash.h"
#include "net/codec_for_tests.h"
#include "net/socket_for_tests.h"

namespace taffrail::net {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::unique_ptr<HttpServer> Serve(HttpHandler handler, ServerOptions options = {}) {
  return HttpServer::Start(std::move(options), std::move(handler)).value();
}

// Says back what it was asked.
void Echo(HttpRequest& request, HttpResponder& responder) {
  auto body = request.ReadWholeBody(1 << 20);
  if (!body.ok()) return responder.SendError(body.status());
  responder.Send(200, {{"Content-Type", "text/plain"}}, request.method + " " + request.path + " " + *body);
}

std::string Get(std::string_view target, std::string_view fields = "") {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n";
}

std::string Post(std::string_view fields, std::string_view body) {
  return "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(fields) + "\r\n" + std::string(body);
}

TEST(HttpServer, AnswersOverOneConnection) {
  const auto server = Serve(Echo);
  RawClient client(server->port());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client.Say(Get("/a%20b?x=1")));
    const std::string answer = client.HearAnswer();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(answer, HasSubstr("Date: "));
    EXPECT_THAT(answer, EndsWith("\r\n\r\nGET /a b "));
  }
  EXPECT_EQ(server->connections(), 1);
}

TEST(HttpServer, AnswersPipelinedRequestsInOrder) {
  const auto server = Serve(Echo);
  RawClient client(server->port());
  std::string requests;
  for (int i = 0; i < 50; ++i) requests += Get("/" + std::to_string(i)) + Post("", "b" + std::to_string(i));
  ASSERT_TRUE(client.Say(requests));
  for (int i = 0; i < 50; ++i) {
    EXPECT_THAT(client.HearAnswer(), EndsWith("GET /" + std::to_string(i) + " "));
    EXPECT_THAT(client.HearAnswer(), EndsWith("POST /p b" + std::to_string(i)));
  }
}

TEST(HttpServer, HalfClosedClientsGetTheirAnswers) {
  const auto server = Serve(Echo);
  RawClient client(server->port());
  ASSERT_TRUE(client.Say(Get("/1") + Get("/2")));
  client.FinishSending();
  EXPECT_THAT(client.HearAll(), HasSubstr("GET /2 "));
  EXPECT_TRUE(client.ended());
}

TEST(HttpServer, HeadHasTheLengthAndNoBody) {
  const auto server = Serve(Echo);
  RawClient client(server->port());
  ASSERT_TRUE(client.Say("HEAD /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
  const std::string answer = client.HearAll();
  EXPECT_THAT(answer, HasSubstr("Content-Length: 8\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST(HttpServer, SpeaksHttp10AndAbsoluteForm) {
  const auto server = Serve(Echo);
  RawClient old(server->port());
  ASSERT_TRUE(old.Say("GET /old HTTP/1.0\r\n\r\n"));
  EXPECT_THAT(old.HearAll(), AllOf(HasSubstr("Connection: close\r\n"), EndsWith("GET /old ")));
  RawClient kept(server->port());
  ASSERT_TRUE(kept.Say("GET /kept HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
  EXPECT_THAT(kept.HearAnswer(), HasSubstr("Connection: keep-alive\r\n"));
  ASSERT_TRUE(kept.Say("GET http://h/absolute?q=1 HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_THAT(kept.HearAnswer(), EndsWith("GET /absolute "));
}

TEST(HttpServer, RefusesHostileRequestsWithProblemDocuments) {  // REQ P-01
  const auto server = Serve(Echo, {.max_header_bytes = 4096});
  const std::pair<std::string, std::string> cases[] = {
      {"nonsense\r\n\r\n", "400"},
      {Get("/a%00b"), "400"},
      {Get("/a%zz"), "400"},
      {Get("/?q=%"), "400"},
      {"CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n", "400"},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       "400"},
      {Get("/", "X: " + std::string(8000, 'x') + "\r\n"), "431"},
  };
  for (const auto& [request, status] : cases) {
    RawClient client(server->port());
    ASSERT_TRUE(client.Say(request));
    const std::string answer = client.HearAll();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 " + status)) << request.substr(0, 80);
    EXPECT_THAT(answer, HasSubstr("Content-Type: application/problem+json\r\n"));
    EXPECT_THAT(answer, HasSubstr("\"status\":" + status));
    EXPECT_TRUE(client.ended());
  }
}

TEST(HttpServer, HeaderValuesCannotSplitTheAnswer) {
  const auto server = Serve([](HttpRequest& request, HttpResponder& responder) {
    responder.Send(200, {{"X-Echo", std::string(request.query.Get("v"))}}, "");
  });
  RawClient client(server->port());
  ASSERT_TRUE(client.Say(Get("/?v=a%0d%0aSet-Cookie:%20evil")));
  EXPECT_THAT(client.HearAnswer(), Not(HasSubstr("\nSet-Cookie")));
}

TEST(HttpServer, SlowHeadsAndBodiesTimeOut) {
  const auto server = Serve(Echo, {.header_timeout_ms = 200, .body_timeout_ms = 200});
  RawClient head(server->port());
  ASSERT_TRUE(head.Say("GET / HTTP/1.1\r\nHo"));
  EXPECT_THAT(head.HearAll(), StartsWith("HTTP/1.1 408"));
  RawClient body(server->port());
  ASSERT_TRUE(body.Say("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf"));
  EXPECT_THAT(body.HearAll(), StartsWith("HTTP/1.1 408"));
}

// After large pieces the next one is waited for as a whole; what is less comes in the end, too.
TEST(HttpServer, ABodyMayBeginFastAndGoOnSlowly) {
  const auto count = [](HttpRequest& request, HttpResponder& responder) {
    std::string piece;
    size_t bytes = 0;
    absl::StatusOr<bool> more = true;
    while ((more = request.ReadBody(piece)).ok() && *more) bytes += piece.size();
    responder.Send(more.ok() ? 200 : 408, {}, std::to_string(bytes));
  };
  const auto server = Serve(count, {.body_timeout_ms = 1500, .min_body_bytes_per_s = 1'000'000'000});
  const auto post = [](size_t bytes) {
    return "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n";
  };
  const auto pause = [] { std::this_thread::sleep_for(std::chrono::milliseconds(30)); };
  const std::string fast(1'000'000, 'x');
  RawClient client(server->port());
  ASSERT_TRUE(client.Say(post(1'210'000) + fast));
  for (int i = 0; i < 3; ++i) {
    pause();
    ASSERT_TRUE(client.Say(std::string(70'000, 'y')));
  }
  EXPECT_THAT(client.HearAnswer(), EndsWith("1210000"));
  ASSERT_TRUE(client.Say(post(2)));  // and few bytes are seen at once in what follows
  pause();
  ASSERT_TRUE(client.Say("ok"));
  EXPECT_THAT(client.HearAnswer(), EndsWith("\n2"));
  RawClient stops(server->port());
  ASSERT_TRUE(stops.Say(post(2'000'000) + fast));
  pause();
  ASSERT_TRUE(stops.Say(std::string(70'000, 'y')));
  const std::string answer = stops.HearAnswer();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 408"));
  EXPECT_THAT(answer, EndsWith("1070000"));
}

TEST(HttpServer, IdleConnectionsAreClosed) {
  const auto server = Serve(Echo, {.idle_timeout_ms = 100});
  RawClient client(server->port());
  ASSERT_TRUE(client.Say(Get("/")));
  client.HearAnswer();
  EXPECT_EQ(client.HearAll(), "");
  EXPECT_TRUE(client.ended());
}

TEST(HttpServer, HonoursExpectContinue) {
  const auto server = Serve(Echo);
  RawClient client(server->port());
  ASSERT_TRUE(client.Say("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"));
  ASSERT_TRUE(client.HearUntil("HTTP/1.1 100 Continue\r\n\r\n"));
  client.seen.clear();
  ASSERT_TRUE(client.Say("body"));
  EXPECT_THAT(client.HearAnswer(), EndsWith("POST /p body"));
}

TEST(HttpServer, RefusesABodyBeforeItIsSent) {
  const auto server = Serve([](HttpRequest&, HttpResponder& responder) { responder.SendProblem(403, "no"); });
  RawClient client(server->port());
  ASSERT_TRUE(client.Say("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"));
  const std::string answer = client.HearAll();
  EXPECT_THAT(answer, AllOf(StartsWith("HTTP/1.1 403"), HasSubstr("Connection: close")));
}

TEST(HttpServer, DecodesBodies) {  // REQ I-04
  const auto server = Serve(Echo);
  RawClient client(server->port());
  const std::string text(100'000, 'x');
  ASSERT_TRUE(client.Say(Post("Content-Encoding: gzip\r\n", Gzip(text))));
  EXPECT_TRUE(client.HearAnswer().ends_with(" " + text));
  ASSERT_TRUE(client.Say(Post("Content-Encoding: zstd\r\n", Zstd(text))));
  EXPECT_TRUE(client.HearAnswer().ends_with(" " + text));
  ASSERT_TRUE(client.Say(Post("Content-Encoding: br\r\n", "?")));
  EXPECT_THAT(client.HearAnswer(), StartsWith("HTTP/1.1 415"));
  const std::string cut = Gzip(text).substr(0, 50);
  ASSERT_TRUE(client.Say(Post("Content-Encoding: gzip\r\n", cut)));
  EXPECT_THAT(client.HearAnswer(), AllOf(StartsWith("HTTP/1.1 400"), HasSubstr("stops short")));
  const std::string bomb = Zstd(std::string(64 << 20, '\0'));
  ASSERT_TRUE(client.Say(Post("Content-Encoding: zstd\r\n", bomb)));
  EXPECT_THAT(client.HearAnswer(), StartsWith("HTTP/1.1 413"));
}

TEST(HttpServer, BodiesBeyondTheLimitAreAnswered413) {
  const auto server = Serve(Echo);
  RawClient client(server->port());
  const std::string start = "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000000\r\n\r\n";
  ASSERT_TRUE(client.Say(start));
  std::thread sender([&] {
    const std::string piece(64 << 10, 'x');
    for (int i = 0; i < 64 && client.Say(piece); ++i) {
    }
  });
  EXPECT_TRUE(client.HearUntil("HTTP/1.1 413"));
  sender.join();
}

TEST(HttpServer, LargeUploadsStreamInConstantMemory) {
  constexpr int kPieces = 2048;  // 256 MiB in all
  std::atomic<uint64_t> received = 0;
  const auto server = Serve([&](HttpRequest& request, HttpResponder& responder) {
    request.SetBodyLimit(UINT64_MAX);
    std::string chunk;
    while (true) {
      const auto more = request.ReadBody(chunk);
      if (!more.ok()) return responder.SendError(more.status());
      if (!*more) break;
      EXPECT_LE(chunk.size(), HttpRequest::kBodyChunkBytes);
      received += chunk.size();
    }
    responder.Send(200, {}, "done");
  });
  const auto peak_kib = [] {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
  };
  const auto before_kib = peak_kib();
  RawClient client(server->port());
  ASSERT_TRUE(client.Say("POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"));
  const std::string piece = "20000\r\n" + std::string(128 << 10, 'x') + "\r\n";
  for (int i = 0; i < kPieces; ++i) ASSERT_TRUE(client.Say(piece));
  ASSERT_TRUE(client.Say("0\r\n\r\n"));
  EXPECT_THAT(client.HearAnswer(), EndsWith("done"));
  EXPECT_EQ(received, uint64_t{kPieces} * (128 << 10));
  EXPECT_LT(peak_kib() - before_kib, 32 << 10);
}

// A read that began for nobody, while the request before was answered, may have their first bytes.
TEST(HttpServer, BodiesRightBehindAnAnswerArriveWholeAndInOrder) {  // REQ I-04
  const auto digest = [](std::string_view text) { return std::to_string(base::Hash64(text)); };
  const auto server = Serve([&](HttpRequest& request, HttpResponder& responder) {
    request.SetBodyLimit(UINT64_MAX);
    std::string body;
    std::string chunk;
    while (true) {
      const auto more = request.ReadBody(chunk);
      if (!more.ok()) return responder.SendError(more.status());
      if (!*more) break;
      body += chunk;
    }
    responder.Send(200, {}, digest(body));
    std::this_thread::sleep_for(std::chrono::microseconds(300));  // the next request comes meanwhile
  });
  std::string body;
  while (body.size() < 100'000) body += std::to_string(body.size()) + "\n";
  const std::string expected = digest(body);
  std::vector<std::thread> clients;
  for (int c = 0; c < 8; ++c) {
    clients.emplace_back([&] {
      RawClient client(server->port());
      const std::string request = Post("", body);
      for (int n = 0; n < 200; ++n) {
        ASSERT_TRUE(client.Say(request.substr(0, 10'000)));
        ASSERT_TRUE(client.Say(request.substr(10'000)));
        ASSERT_THAT(client.HearAnswer(), EndsWith(expected)) << n;
      }
    });
  }
  for (std::thread& client : clients) client.join();
}

TEST(HttpServer, DrainsSmallUnreadBodiesAndKeepsTheConnection) {
  const auto server = Serve([](HttpRequest&, HttpResponder& responder) { responder.SendProblem(404, ""); });
  RawClient client(server->port());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client.Say(Post("", std::string(20'000, 'x'))));
    EXPECT_THAT(client.HearAnswer(), StartsWith("HTTP/1.1 404"));
  }
}

TEST(HttpServer, AHandlerThatAnswersNothingIsA500) {
  const auto server = Serve([](HttpRequest&, HttpResponder&) {});
  RawClient client(server->port());
  ASSERT_TRUE(client.Say(Get("/")));
  EXPECT_THAT(client.HearAnswer(), StartsWith("HTTP/1.1 500"));
}

TEST(HttpServer, HundredConnectionsAtOnce) {
  const auto server = Serve(Echo, {.io_threads = 2});
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 100; ++i) clients.push_back(std::make_unique<RawClient>(server->port()));
  for (int round = 0; round < 5; ++round) {
    for (auto& client : clients) ASSERT_TRUE(client->Say(Get("/" + std::to_string(round))));
    for (auto& client : clients)
      EXPECT_THAT(client->HearAnswer(), EndsWith("GET /" + std::to_string(round) + " "));
  }
  EXPECT_EQ(server->connections(), 100);
}

TEST(HttpServer, AFullQueueIsA503WithRetryAfter) {
  absl::Mutex mutex;
  bool open = false;
  const auto server = Serve(
      [&](HttpRequest&, HttpResponder& responder) {
        absl::MutexLock lock(&mutex);
        mutex.Await(absl::Condition(&open));
        responder.Send(200, {}, "");
      },
      {.worker_threads = 1, .max_queued_requests = 1});
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(std::make_unique<RawClient>(server->port()));
    ASSERT_TRUE(clients.back()->Say(Get("/")));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));  // one is taken by the worker, one waits
  }
  EXPECT_THAT(clients[2]->HearAnswer(), AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("Retry-After: 1\r\n")));
  EXPECT_THAT(clients[3]->HearAnswer(), StartsWith("HTTP/1.1 503"));
  {
    absl::MutexLock lock(&mutex);
    open = true;
  }
  EXPECT_THAT(clients[0]->HearAnswer(), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(clients[1]->HearAnswer(), StartsWith("HTTP/1.1 200"));
}

TEST(HttpServer, AtItsLimitNewcomersWaitForIdleConnectionsToEnd) {
  const auto server = Serve(Echo, {.max_connections = 2});
  RawClient first(server->port());
  RawClient second(server->port());
  ASSERT_TRUE(first.Say(Get("/")));
  first.HearAnswer();
  RawClient third(server->port());
  ASSERT_TRUE(third.Say(Get("/third")));
  EXPECT_THAT(third.HearAnswer(), EndsWith("GET /third "));
  EXPECT_LE(server->connections(), 2);
}

TEST(HttpServer, AnAddressInUseIsNamed) {
  const auto server = Serve(Echo);
  const auto second = HttpServer::Start({.port = server->port()}, Echo);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr(std::to_string(server->port())));
}

}  // namespace
}  // namespace taffrail::net
