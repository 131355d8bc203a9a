// The sink against a real server over real sockets, decoded by the protocol's own reader.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "net/http_server.h"
#include "ship/push_body.h"
#include "taffrail/config.h"
#include "taffrail/log.h"
#include "taffrail/ship.h"
#include "wire/loki/push.h"

namespace taffrail {
namespace {

// Keeps every push; answers from a list of statuses first, then 204.
class FakeLoki {
 public:
  explicit FakeLoki(std::vector<int> statuses = {}, uint16_t port = 0) : statuses_(std::move(statuses)) {
    net::ServerOptions options;
    options.port = port;
    server_ =
        net::HttpServer::Start(options, [this](net::HttpRequest& request, net::HttpResponder& responder) {
          Handle(request, responder);
        }).value();
  }
  ~FakeLoki() { server_->Stop(); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }
  uint16_t port() const { return server_->port(); }

  std::vector<std::string> bodies() const {
    absl::MutexLock lock(&mutex_);
    return bodies_;
  }
  // A push with this in it is answered by 400.
  void Refuse(std::string text) {
    absl::MutexLock lock(&mutex_);
    refused_ = std::move(text);
  }
  net::Headers headers() const {
    absl::MutexLock lock(&mutex_);
    return headers_;
  }
  size_t lines() const {
    size_t lines = 0;
    for (const std::string& body : bodies()) {
      const auto push = wire::loki::DecodeJson(body, 0);
      EXPECT_TRUE(push.ok()) << push.status().message();
      for (const auto& batch : push->batches) lines += batch.rows();
    }
    return lines;
  }

 private:
  void Handle(net::HttpRequest& request, net::HttpResponder& responder) {
    EXPECT_EQ(request.path, "/loki/api/v1/push");
    const auto body = request.ReadWholeBody(64 << 20);
    ASSERT_TRUE(body.ok());
    absl::MutexLock lock(&mutex_);
    headers_ = request.headers;
    if (!refused_.empty() && body->find(refused_) != std::string::npos)
      return responder.Send(400, {}, "entry \"" + refused_ + "\" is bad");
    const int status = next_ < statuses_.size() ? statuses_[next_++] : 204;
    if (status == 204) bodies_.push_back(*body);
    responder.Send(status, status == 429 ? net::Headers{{"Retry-After", "1"}} : net::Headers{}, "");
  }

  mutable absl::Mutex mutex_;
  std::vector<int> statuses_;
  size_t next_ = 0;
  std::string refused_;
  std::vector<std::string> bodies_;
  net::Headers headers_;
  std::unique_ptr<net::HttpServer> server_;
};

LokiConfig Fast(std::string url) {
  LokiConfig config;
  config.url = std::move(url);
  config.labels = {{"service", "api"}};
  config.batch_age_ms = 20;
  config.backoff_initial_ms = 5;
  config.backoff_max_ms = 20;
  config.breaker_open_ms = 20;
  return config;
}

bool Write(LokiSink& sink, const std::string& line, Level level = Level::kInfo) {
  const std::string text = line + "\n";
  const Entry entry{level, 1'761'834'225'123'000'000, "t", std::string_view(text).substr(0, line.size())};
  return sink.write({text, {&entry, 1}});
}

// REQ S-01
TEST(LokiSink, SendsWhatTheLibraryLogs) {
  FakeLoki loki;
  LokiConfig sink_config = Fast(loki.url() + "/");
  sink_config.gzip = true;
  sink_config.tenant = "t1";
  const auto sink = loki_sink(sink_config);
  Config config;
  config.service = "api";
  config.sinks = {{sink, Level::kTrace, "nested"}};
  init(config);
  const Logger log("ship");
  constexpr size_t kLines = 5'000;
  for (size_t i = 0; i < kLines; ++i) log.info("line \"quoted\"", kv("i", i));
  log.error("bad");
  EXPECT_TRUE(flush());
  EXPECT_EQ(loki.lines(), kLines + 1);
  EXPECT_EQ(sink->stats().lines_sent, kLines + 1);
  EXPECT_EQ(loki.headers().Get("X-Scope-OrgID"), "t1");
  init({});
}

TEST(LokiSink, OneStreamALevel) {
  FakeLoki loki;
  const auto sink = loki_sink(Fast(loki.url()));
  Write(*sink, "{\"a\":1}");
  Write(*sink, "{\"b\":2}", Level::kError);
  EXPECT_TRUE(sink->flush(5'000));
  EXPECT_EQ(
      loki.bodies().at(0),
      R"({"streams":[{"stream":{"service":"api","level":"INFO"},)"
      R"("values":[["1761834225123000000","{\"a\":1}"]]},)"
      R"({"stream":{"service":"api","level":"ERROR"},"values":[["1761834225123000000","{\"b\":2}"]]}]})");
}

// REQ S-08
TEST(LokiSink, TriesAgainUntilTheServerTakesIt) {
  FakeLoki loki({500, 503, 408});
  const auto sink = loki_sink(Fast(loki.url()));
  EXPECT_TRUE(Write(*sink, "line"));
  EXPECT_TRUE(sink->flush(10'000));
  EXPECT_EQ(loki.lines(), 1U);
  EXPECT_EQ(sink->stats().retries, 3U);
  EXPECT_EQ(sink->stats().lines_sent, 1U);
}

TEST(LokiSink, HonoursRetryAfter) {
  FakeLoki loki({429});
  const auto sink = loki_sink(Fast(loki.url()));
  const absl::Time begun = absl::Now();
  Write(*sink, "line");
  EXPECT_TRUE(sink->flush(10'000));
  EXPECT_GE(absl::Now() - begun, absl::Seconds(1));
  EXPECT_EQ(loki.lines(), 1U);
}

TEST(LokiSink, WhatIsRefusedIsCountedAndDoesNotStopTheRest) {
  FakeLoki loki({400});
  const auto sink = loki_sink(Fast(loki.url()));
  Write(*sink, "bad");
  EXPECT_TRUE(sink->flush(10'000));
  Write(*sink, "good");
  EXPECT_TRUE(sink->flush(10'000));
  EXPECT_EQ(sink->stats().lines_refused, 1U);
  EXPECT_EQ(sink->stats().lines_sent, 1U);
  EXPECT_EQ(loki.lines(), 1U);
}

TEST(LokiSink, OneBadLineTakesNoOtherAlong) {
  FakeLoki loki;
  loki.Refuse("poison");
  LokiConfig config = Fast(loki.url());
  config.batch_age_ms = 10'000;
  config.dead_letter_file = testing::TempDir() + "/dead-" + std::to_string(getpid()) + ".log";
  const auto sink = loki_sink(config);
  for (int i = 0; i < 100; ++i) Write(*sink, i == 37 ? "poison" : "line " + std::to_string(i));
  EXPECT_TRUE(sink->flush(10'000));
  EXPECT_EQ(loki.lines(), 99U);
  EXPECT_EQ(sink->stats().lines_sent, 99U);
  EXPECT_EQ(sink->stats().lines_refused, 1U);
  std::ifstream file(config.dead_letter_file);
  std::string letter;
  std::getline(file, letter);
  EXPECT_NE(letter.find(R"("reason":"answered 400: entry \"poison\" is bad")"), std::string::npos) << letter;
  EXPECT_NE(letter.find(R"("line":"poison")"), std::string::npos) << letter;
  std::filesystem::remove(config.dead_letter_file);
}

TEST(LokiSink, ATokenThatIsMendedLosesNothing) {
  FakeLoki loki({401, 403, 404});
  const auto sink = loki_sink(Fast(loki.url()));
  Write(*sink, "line");
  EXPECT_TRUE(sink->flush(10'000));
  EXPECT_EQ(loki.lines(), 1U);
  EXPECT_EQ(sink->stats().retries, 3U);
}

#ifndef __SANITIZE_THREAD__  // which knows nothing of forked children
TEST(LokiSink, WithASpoolTheNextProcessSendsWhatThisOneCouldNot) {
  uint16_t port = 0;
  { port = FakeLoki().port(); }
  LokiConfig config = Fast("http://127.0.0.1:" + std::to_string(port));
  config.spool_dir = testing::TempDir() + "/spool-" + std::to_string(getpid());
  const pid_t child = fork();
  if (child == 0) {
    const auto sink = loki_sink(config);
    for (int i = 0; i < 100; ++i) Write(*sink, "line " + std::to_string(i));
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  FakeLoki loki({}, port);
  const auto sink = loki_sink(config);
  Write(*sink, "after");
  EXPECT_TRUE(sink->flush(10'000));
  EXPECT_EQ(loki.lines(), 101U);
  EXPECT_EQ(sink->stats().lines_sent, 101U);
  std::filesystem::remove_all(config.spool_dir);
}
#endif

TEST(LokiSink, AServerThatIsAwayIsWaitedFor) {
  uint16_t port = 0;
  { port = FakeLoki().port(); }
  const auto sink = loki_sink(Fast("http://127.0.0.1:" + std::to_string(port)));
  Write(*sink, "line");
  EXPECT_FALSE(sink->flush(100));
  FakeLoki loki({}, port);
  EXPECT_TRUE(sink->flush(10'000));
  EXPECT_EQ(loki.lines(), 1U);
}

TEST(LokiSink, MemoryIsBoundedAndWhatDoesNotFitIsCounted) {
  uint16_t port = 0;
  { port = FakeLoki().port(); }
  LokiConfig config = Fast("http://127.0.0.1:" + std::to_string(port));
  config.queue_bytes = 1'000;
  const auto sink = loki_sink(config);
  size_t taken = 0;
  for (int i = 0; i < 100; ++i) taken += Write(*sink, std::string(99, 'x'));
  EXPECT_EQ(taken, 10U);
  EXPECT_EQ(sink->stats().lines_dropped, 90U);
}

TEST(LokiSink, BatchesAreCutByLines) {
  FakeLoki loki;
  LokiConfig config = Fast(loki.url());
  config.batch_lines = 10;
  config.batch_age_ms = 60'000;
  const auto sink = loki_sink(config);
  for (int i = 0; i < 25; ++i) Write(*sink, "line");
  EXPECT_TRUE(sink->flush(10'000));
  EXPECT_EQ(loki.lines(), 25U);
  EXPECT_GE(loki.bodies().size(), 3U);
}

TEST(PushBody, LabelNamesFollowLokisRule) {
  EXPECT_EQ(ship::LabelName("k8s.pod-name"), "k8s_pod_name");
  EXPECT_EQ(ship::LabelName("9lives"), "_9lives");
  EXPECT_EQ(ship::LabelName(""), "_");
  EXPECT_EQ(ship::PushBody({}, false).Finish(), R"({"streams":[]})");
}

}  // namespace
}  // namespace taffrail
