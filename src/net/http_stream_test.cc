// Streamed answers, clients that leave, and stopping.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "absl/synchronization/notification.h"
#include "net/http_server.h"
#include "net/socket_for_tests.h"
#include "net/stream_channel.h"

namespace taffrail::net {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view kGet = "GET /tail HTTP/1.1\r\nHost: h\r\n\r\n";

// Opens a stream for every request and keeps the last one.
class Tail {
 public:
  explicit Tail(ServerOptions options = {}) {
    server = HttpServer::Start(std::move(options), [this](HttpRequest&, HttpResponder& responder) {
               auto stream = responder.BeginStream(200, {{"Content-Type", "text/event-stream"}});
               absl::MutexLock lock(&mutex_);
               stream_ = std::move(stream);
             }).value();
  }
  std::shared_ptr<HttpStream> stream() {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(
        +[](std::shared_ptr<HttpStream>* s) { return *s != nullptr; }, &stream_));
    return stream_;
  }

 private:
  absl::Mutex mutex_;
  std::shared_ptr<HttpStream> stream_ ABSL_GUARDED_BY(mutex_);

 public:
  std::unique_ptr<HttpServer> server;  // last: it stops first, and its handler writes the others until then
};

bool Eventually(const std::function<bool()>& condition) {
  for (int i = 0; i < 500; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

TEST(HttpStream, OutlivesTheHandlerAndIsChunked) {
  Tail tail;
  RawClient client(tail.server->port());
  ASSERT_TRUE(client.Say(kGet));
  const auto stream = tail.stream();
  EXPECT_TRUE(stream->Write("one"));
  ASSERT_TRUE(client.HearUntil("\r\n\r\n3\r\none\r\n"));
  EXPECT_TRUE(stream->TryWrite("a second piece, longer"));
  ASSERT_TRUE(client.HearUntil("16\r\na second piece, longer\r\n"));
  EXPECT_TRUE(stream->Write(""));  // no chunk, and no end either
  stream->Close();
  EXPECT_TRUE(stream->closed());
  EXPECT_FALSE(stream->Write("late"));
  ASSERT_TRUE(client.HearUntil("0\r\n\r\n"));
  EXPECT_THAT(client.seen, HasSubstr("Transfer-Encoding: chunked\r\n"));
  ASSERT_TRUE(client.Say(kGet));  // the connection lives on
  EXPECT_TRUE(client.HearUntil("0\r\n\r\nHTTP/1.1 200 OK\r\n"));
}

TEST(HttpStream, Http10StreamsToTheEndOfTheConnection) {
  Tail tail;
  RawClient client(tail.server->port());
  ASSERT_TRUE(client.Say("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(tail.stream()->Write("plain"));
  tail.stream()->Close();
  EXPECT_THAT(client.HearAll(), EndsWith("\r\n\r\nplain"));
}

TEST(HttpStream, AnAbortedAnswerHasNoEnd) {
  Tail tail;
  RawClient client(tail.server->port());
  ASSERT_TRUE(client.Say(kGet));
  EXPECT_TRUE(tail.stream()->Write("part"));
  tail.stream()->Abort();
  EXPECT_FALSE(tail.stream()->Write("late"));
  EXPECT_THAT(client.HearAll(), EndsWith("\r\n\r\n4\r\npart\r\n"));
}

TEST(HttpStream, HeadOfAStreamHasNoBody) {
  Tail tail;
  RawClient client(tail.server->port());
  ASSERT_TRUE(client.Say("HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
  EXPECT_THAT(client.HearAll(), EndsWith("\r\n\r\n"));
  EXPECT_FALSE(tail.stream()->Write("x"));
}

TEST(HttpStream, NoticesALeavingClientWithoutWriting) {
  for (const bool reset : {false, true}) {
    Tail tail;
    RawClient client(tail.server->port());
    ASSERT_TRUE(client.Say(kGet));
    ASSERT_TRUE(client.HearUntil("\r\n\r\n"));
    absl::Notification closed;
    tail.stream()->OnClose([&] { closed.Notify(); });
    EXPECT_FALSE(tail.stream()->closed());
    reset ? client.Reset() : client.Close();
    EXPECT_TRUE(closed.WaitForNotificationWithTimeout(absl::Seconds(5)));
    EXPECT_FALSE(tail.stream()->Write("x"));
    EXPECT_FALSE(tail.stream()->TryWrite("x"));
    EXPECT_TRUE(Eventually([&] { return tail.server->connections() == 0; }));
  }
}

TEST(HttpStream, HandlersSeeThatTheClientHasGone) {
  absl::Notification started;
  absl::Notification noticed;
  const auto server = HttpServer::Start({}, [&](HttpRequest&, HttpResponder& responder) {
                        started.Notify();
                        if (Eventually([&] { return responder.client_gone(); })) noticed.Notify();
                        responder.Send(200, {}, "");
                      }).value();
  RawClient client(server->port());
  ASSERT_TRUE(client.Say(kGet));
  started.WaitForNotification();
  client.Close();
  EXPECT_TRUE(noticed.WaitForNotificationWithTimeout(absl::Seconds(6)));
}

TEST(HttpStream, ASlowClientHoldsTheWriterBack) {
  constexpr size_t kBufferBytes = 64 << 10;
  constexpr int kPieces = 2000;
  Tail tail({.stream_buffer_bytes = kBufferBytes});
  RawClient client(tail.server->port(), 16 << 10);
  ASSERT_TRUE(client.Say(kGet));
  const auto stream = tail.stream();
  const std::string piece(16 << 10, 'x');
  std::atomic<int> written = 0;
  std::thread writer([&] {
    for (int i = 0; i < kPieces && stream->Write(piece); ++i) ++written;
    stream->Close();
  });
  ASSERT_TRUE(Eventually([&] { return written > 0 && !stream->TryWrite(std::string(kBufferBytes, 'y')); }));
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_LT(written, kPieces);  // the kernel's buffers and ours are full, 32 MiB are not
  while (!client.seen.ends_with("0\r\n\r\n") && client.Hear()) {
    if (client.seen.size() > (1 << 20)) client.seen.erase(0, client.seen.size() - 100);
  }
  writer.join();
  EXPECT_EQ(written, kPieces);
}

TEST(HttpStream, AClientThatReadsNothingIsGivenUp) {
  Tail tail({.stream_buffer_bytes = 64 << 10, .write_timeout_ms = 300});
  RawClient client(tail.server->port(), 4096);
  ASSERT_TRUE(client.Say(kGet));
  const auto stream = tail.stream();
  const std::string piece(16 << 10, 'x');
  while (stream->Write(piece)) {  // ends: false once the server has given up
  }
  EXPECT_TRUE(stream->closed());
}

TEST(HttpServerStop, FinishesWhatIsInFlightAndEndsStreams) {
  absl::Notification handling;
  std::shared_ptr<HttpStream> stream;
  absl::Notification streaming;
  auto server = HttpServer::Start({}, [&](HttpRequest& request, HttpResponder& responder) {
                  if (request.path == "/stream") {
                    stream = responder.BeginStream(200, {});
                    stream->Write("tail");
                    return streaming.Notify();
                  }
                  handling.Notify();
                  std::this_thread::sleep_for(std::chrono::milliseconds(300));
                  responder.Send(200, {}, "finished");
                }).value();
  RawClient idle(server->port());
  RawClient busy(server->port());
  RawClient listening(server->port());
  ASSERT_TRUE(busy.Say("GET /busy HTTP/1.1\r\nHost: h\r\n\r\n"));
  ASSERT_TRUE(listening.Say("GET /stream HTTP/1.1\r\nHost: h\r\n\r\n"));
  handling.WaitForNotification();
  streaming.WaitForNotification();
  const uint16_t port = server->port();
  server->Stop();
  EXPECT_THAT(busy.HearAll(), AllOf(StartsWith("HTTP/1.1 200"), EndsWith("finished")));
  EXPECT_THAT(listening.HearAll(), EndsWith("4\r\ntail\r\n0\r\n\r\n"));
  EXPECT_EQ(idle.HearAll(), "");
  EXPECT_FALSE(RawClient(port).connected());
  server.reset();
  EXPECT_FALSE(stream->Write("after the server"));  // streams outlive even the server, harmlessly
}

TEST(HttpServerStop, CutsWhatIsLeftAtTheDeadline) {
  Tail tail;
  RawClient client(tail.server->port(), 4096);
  ASSERT_TRUE(client.Say(kGet));
  const std::string big(64 << 20, 'x');  // more than the kernel takes: the stream cannot end in time
  EXPECT_TRUE(tail.stream()->Write(big));
  const auto begin = std::chrono::steady_clock::now();
  tail.server->Stop(200);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
  EXPECT_TRUE(tail.stream()->closed());
}

TEST(StreamChannel, WakesOnceUntilTaken) {
  int wakes = 0;
  StreamChannel channel(10, [&] { ++wakes; });
  EXPECT_TRUE(channel.TryWrite("12345"));
  EXPECT_TRUE(channel.TryWrite("67890"));
  EXPECT_FALSE(channel.TryWrite("x"));
  EXPECT_EQ(wakes, 1);
  EXPECT_EQ(channel.Take().data, "1234567890");
  EXPECT_FALSE(channel.TryWrite("x"));  // taken, not sent
  channel.Sent(10);
  EXPECT_TRUE(channel.TryWrite("longer than the buffer"));
  EXPECT_EQ(wakes, 2);
  channel.Close();
  const auto taken = channel.Take();
  EXPECT_EQ(taken.data, "longer than the buffer");
  EXPECT_TRUE(taken.last);
}

TEST(StreamChannel, TellsOfItsEndOnce) {
  int ends = 0;
  StreamChannel channel(10, [] {});
  channel.OnClose([&] { ++ends; });
  channel.Shut();
  channel.Close();
  EXPECT_EQ(ends, 1);
  channel.OnClose([&] { ++ends; });
  EXPECT_EQ(ends, 2);
}

}  // namespace
}  // namespace taffrail::net
