// The library as a program uses it: through its public headers, with real threads and the real backend.
#include "taffrail/log.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <simdjson.h>
#include <atomic>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <optional>
#include <random>
#include <thread>

#include "taffrail/config.h"
#include "taffrail/context.h"
#include "taffrail/log_scope.h"
#include "taffrail/sink_file.h"

namespace taffrail {

struct Point {
  int x, y;
};
void log_fields(FieldWriter& out, const Point& point) {
  out.field("x", point.x);
  out.field("y", point.y);
}
enum class Colour { kRed };
std::string_view log_value(Colour) { return "red"; }
struct Throws {};
void log_fields(FieldWriter&, const Throws&) { throw std::runtime_error("in log_fields"); }

namespace {

using namespace std::chrono_literals;

Config ConfigWith(std::shared_ptr<Sink> sink) {
  Config config;
  config.level = Level::kTrace;
  config.sinks = {{std::move(sink), Level::kTrace, "nested"}};
  return config;
}

class LogTest : public testing::Test {
 protected:
  void Init(bool synchronous) {
    memory_ = std::make_shared<MemorySink>(1'000'000);
    Config config = ConfigWith(memory_);
    config.synchronous = synchronous;
    init(config);
  }
  std::vector<std::string> Lines() {
    EXPECT_TRUE(flush());
    return memory_->lines();
  }
  // The only line, without its timestamp.
  std::string Line() {
    const auto lines = Lines();
    EXPECT_EQ(lines.size(), 1U);
    memory_->clear();
    return lines.empty() ? "" : "{" + lines[0].substr(lines[0].find("\"level\""));
  }

  std::shared_ptr<MemorySink> memory_;
  const Logger log_{"t"};
};

class BothModes : public LogTest, public testing::WithParamInterface<bool> {
 protected:
  void SetUp() override { Init(GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(, BothModes, testing::Bool(),
                         [](const auto& param) { return param.param ? "Synchronous" : "Asynchronous"; });

// REQ L-05
TEST_P(BothModes, TheTwoFormsOfACallGiveTheSameLine) {
  const std::string path = "/api";
  log_.info("Task created", {{"duration_ms", 45}, {"path", path}, {"ok", true}, {"none", nullptr}});
  const std::string listed = Line();
  log_.info("Task created", kv("duration_ms", 45), kv("path", path), kv("ok", true), kv("none", nullptr));
  EXPECT_EQ(Line(), listed);
  EXPECT_EQ(listed, R"({"level":"INFO","logger":"t","message":"Task created",)"
                    R"("metadata":{"duration_ms":45,"path":"/api","ok":true,"none":null}})");
}

TEST_P(BothModes, NestedValuesAndUserTypes) {
  log_.info("m", kv("point", Point{1, 2}), kv("colour", Colour::kRed),
            kv("tags", std::vector<std::string>{"a", "b"}), kv("bits", std::vector<bool>{true, false}),
            kv("by_name", std::map<std::string, Point>{{"p", {3, 4}}}), kv("some", std::optional<int>(5)),
            kv("nothing", std::optional<int>()), kv("took", 3ms));
  EXPECT_EQ(Line(),
            R"({"level":"INFO","logger":"t","message":"m","metadata":{"point":{"x":1,"y":2},"colour":"red",)"
            R"("tags":["a","b"],"bits":[true,false],"by_name":{"p":{"x":3,"y":4}},)"
            R"("some":5,"nothing":null,"took_ms":3}})");
  log_.info("m", {{"http", {{"method", "GET"}, {"status", 200}}}, {"points", std::vector<Point>{{1, 2}}}});
  EXPECT_EQ(Line(), R"({"level":"INFO","logger":"t","message":"m",)"
                    R"("metadata":{"http":{"method":"GET","status":200},"points":[{"x":1,"y":2}]}})");
}

TEST_P(BothModes, KeysAndMessagesMadeAtRunTimeAreCopied) {
  std::string key = "key", message = "message";
  log_.info(message, kv(key, 1));
  key = "XXX", message = "XXXXXXX";
  EXPECT_EQ(Line(), R"({"level":"INFO","logger":"t","message":"message","metadata":{"key":1}})");
}

TEST_P(BothModes, NoExceptionLeavesACall) {
  log_.info("still here", kv("bad", Throws{}));
  EXPECT_EQ(Line(),
            R"({"level":"INFO","logger":"t","message":"still here","metadata":{"fields_clipped":true}})");
}

// REQ L-07
TEST_P(BothModes, ScopesStandOnEveryLineAlsoOfOtherThreads) {
  {
    const Scope scope({{"request_id", "r1"}});
    std::jthread(wrap([this] { log_.info("inside"); })).join();
    log_.info("here");
  }
  log_.info("outside");
  const auto lines = Lines();
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_NE(lines[0].find(R"("context":{"request_id":"r1"})"), std::string::npos);
  EXPECT_NE(lines[1].find(R"("context":{"request_id":"r1"})"), std::string::npos);
  EXPECT_EQ(lines[2].find("context"), std::string::npos);
}

TEST_P(BothModes, LogScopeTellsStartEndAndOutcome) {
  { const LogScope scope(log_, "import", {{"file", "a.csv"}}); }
  try {
    const LogScope scope(log_, "export");
    throw std::runtime_error("disk");
  } catch (const std::runtime_error&) {
  }
  const auto lines = Lines();
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_NE(lines[0].find(R"("message":"import started","context":{"operation":"import","file":"a.csv"})"),
            std::string::npos);
  EXPECT_NE(lines[1].find(R"("outcome":"success")"), std::string::npos);
  EXPECT_NE(lines[1].find(R"("duration_ms":)"), std::string::npos);
  EXPECT_NE(lines[3].find(R"("level":"ERROR")"), std::string::npos);
  EXPECT_NE(lines[3].find(R"("outcome":"failure","reason":"exception")"), std::string::npos);
}

// REQ L-06
TEST_P(BothModes, ExceptionsWithTheirCauses) {
  try {
    try {
      throw std::system_error(std::make_error_code(std::errc::timed_out), "connect");
    } catch (...) {
      std::throw_with_nested(std::invalid_argument("task 17 is bad"));
    }
  } catch (const std::exception& e) {
    log_.error("failed", error(e), kv("n", 1));
  }
  const auto lines = Lines();
  ASSERT_EQ(lines.size(), 1U);
  simdjson::dom::parser parser;
  const simdjson::dom::element line = parser.parse(lines[0]);
  const auto exception = line["exception"];
  EXPECT_NE(exception["type"].get_string().value().find("std::invalid_argument"), std::string_view::npos);
  EXPECT_EQ(exception["message"].get_string().value(), "task 17 is bad");
  EXPECT_EQ(exception["category"].get_string().value(), "validation");
  EXPECT_EQ(exception["fingerprint"].get_string().value().size(), 16U);
  EXPECT_EQ(exception["causes"].at(0)["type"].get_string().value(), "std::system_error");
  EXPECT_EQ(exception["causes"].at(0)["code"].get_int64().value(), ETIMEDOUT);
  EXPECT_EQ(line["metadata"]["n"].get_int64().value(), 1);
  EXPECT_NE(line["source"]["file"].get_string().value().find("log_test.cc"), std::string_view::npos);
  EXPECT_GT(line["source"]["line"].get_int64().value(), 100);
}

TEST_P(BothModes, EqualErrorsHaveEqualFingerprints) {
  const auto fingerprint = [](const std::exception& e) {
    const ErrorField field = error(e);
    const size_t at = field.encoded.find("fingerprint");
    return field.encoded.substr(field.encoded.size() - 16) + std::to_string(at == std::string::npos);
  };
  const std::string one = fingerprint(std::runtime_error("task 17 not found"));
  EXPECT_EQ(fingerprint(std::runtime_error("task 4 not found")), one);
  EXPECT_NE(fingerprint(std::runtime_error("user 4 not found")), one);
  EXPECT_NE(fingerprint(std::logic_error("task 17 not found")), one);
  try {
    throw 5;
  } catch (...) {
    log_.error("odd", error());
  }
  EXPECT_NE(Line().find(R"("exception":{"type":"int")"), std::string::npos);
}

// REQ L-02
TEST_P(BothModes, LevelsAreInheritedAlongTheDots) {
  const Logger service("app.service"), other("apple");
  set_level("app", Level::kError);
  EXPECT_FALSE(service.enabled(Level::kWarning));
  EXPECT_TRUE(other.enabled(Level::kDebug));
  set_level("app.service", Level::kDebug);
  EXPECT_TRUE(service.enabled(Level::kDebug));
  reset_level("app.service");
  EXPECT_FALSE(service.enabled(Level::kWarning));
  int evaluated = 0;
  TAFFRAIL_WARNING(service, "no", kv("n", ++evaluated));
  TAFFRAIL_ERROR(service, "yes", kv("n", ++evaluated));
  EXPECT_EQ(evaluated, 1);
  EXPECT_NE(Line().find("\"yes\""), std::string::npos);
}

// REQ L-01
TEST_P(BothModes, WhateverIsLoggedTheLineIsJson) {
  std::mt19937 random(11);
  const auto hostile = [&](size_t size) {
    std::string text(size, '\0');
    for (char& c : text) c = static_cast<char>(random());
    return text;
  };
  constexpr int kLines = 300;
  for (int i = 0; i < kLines; ++i) {
    const Scope scope({{hostile(9), hostile(30)}});
    log_.warning(hostile(random() % 200), kv(hostile(20), hostile(random() % 3000)), kv("nan", NAN),
                 kv("inf", -INFINITY), kv("tiny", 5e-324));
  }
  log_.info("large", kv("text", std::string(3 << 20, '\x01')));
  const auto lines = Lines();
  ASSERT_EQ(lines.size(), kLines + 1U);
  simdjson::dom::parser parser;
  for (const std::string& line : lines) {
    EXPECT_EQ(parser.parse(line).error(), simdjson::SUCCESS);
    EXPECT_EQ(line.find('\n'), std::string::npos);
  }
}

TEST_P(BothModes, ASinkMayLogAndMayThrow) {
  std::atomic<int> calls{0};
  const Logger log("sink");
  Config config = ConfigWith(function_sink([&](const Batch& batch) -> bool {
    ++calls;
    if (batch.text.find("boom") != std::string_view::npos) throw std::runtime_error("sink");
    if (batch.text.find("first") != std::string_view::npos) log.info("from the sink");
    return true;
  }));
  config.sinks.push_back({memory_, Level::kTrace, "nested"});
  config.synchronous = GetParam();
  init(config);
  const uint64_t failed = stats().lines_failed;
  log_.info("first");
  flush();
  flush();  // what the sink itself logged
  log_.info("boom");
  flush();
  flush();
  EXPECT_EQ(Lines().size(), 3U);
  EXPECT_EQ(stats().lines_failed, failed + 1);
  EXPECT_GE(calls.load(), 3);
  Init(GetParam());  // the function refers to this test
}

// REQ L-09: nothing lost, and each thread's lines in its own order.
TEST_F(LogTest, ManyThreadsLoseNothingAndKeepTheirOrder) {
  Init(false);
  constexpr int kThreads = 8;
  constexpr int kLines = 20'000;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([this, t] {
        const Scope scope({{"thread", t}});
        for (int i = 0; i < kLines; ++i) {
          const Scope inner({{"step", i}});
          log_.info("line", kv("thread_number", t), kv("i", i), kv("text", "some text to fill the ring"));
        }
      });
    }
  }
  const auto lines = Lines();
  ASSERT_EQ(lines.size(), size_t{kThreads} * kLines);
  std::vector<int64_t> next(kThreads, 0);
  simdjson::dom::parser parser;
  for (const std::string& text : lines) {
    const simdjson::dom::element line = parser.parse(text);
    const int64_t thread = line["metadata"]["thread_number"].get_int64().value();
    ASSERT_EQ(line["metadata"]["i"].get_int64().value(), next[thread]++);
    ASSERT_EQ(line["context"]["step"].get_int64().value(), next[thread] - 1);
    ASSERT_EQ(line["context"]["thread"].get_int64().value(), thread);
  }
}

// The clock is read without a fence: the processor may read it while it still waits for what the thread
// waited for. So the order is certain only from a fraction of a microsecond on, which the second yield takes.
TEST_F(LogTest, LinesOfThreadsThatWaitForEachOtherStandInThatOrder) {
  Init(false);
  std::atomic<int> turn{0};
  constexpr int kTurns = 2'000;
  const auto player = [&](int me) {
    for (int i = me; i < kTurns; i += 2) {
      while (turn.load(std::memory_order_acquire) != i) std::this_thread::yield();
      std::this_thread::yield();
      log_.info("turn", kv("i", i));
      turn.store(i + 1, std::memory_order_release);
    }
  };
  { std::jthread first(player, 0), second(player, 1); }
  const auto lines = Lines();
  ASSERT_EQ(lines.size(), size_t{kTurns});
  for (int i = 0; i < kTurns; ++i) {
    ASSERT_NE(lines[i].find("\"i\":" + std::to_string(i) + "}"), std::string::npos) << i << lines[i];
  }
}

// A sink that holds the backend until it is let go.
class Gate {
 public:
  std::shared_ptr<Sink> sink() {
    return function_sink([this](const Batch& batch) {
      open_.get_future().wait();
      open_ = {};
      open_.set_value();
      lines_ += batch.entries.size();
      for (const Entry& entry : batch.entries) text_ += std::string(entry.line) + "\n";
      return true;
    });
  }
  void Open() { open_.set_value(); }
  size_t lines() const { return lines_; }
  const std::string& text() const { return text_; }

 private:
  std::promise<void> open_;
  std::atomic<size_t> lines_{0};
  std::string text_;
};

TEST_F(LogTest, TheDroppingPolicyDropsCountsAndTells) {
  Gate gate;
  Config config = ConfigWith(gate.sink());
  config.queue_policy = QueuePolicy::kDropNewest;
  config.queue_bytes = 64 << 10;
  const Stats before = stats();
  init(config);
  constexpr size_t kLines = 10'000;  // far more than 64 KiB
  for (size_t i = 0; i < kLines; ++i) log_.info("line", kv("i", i));
  const uint64_t dropped = stats().lines_dropped_full - before.lines_dropped_full;
  EXPECT_GT(dropped, 0U);
  gate.Open();
  EXPECT_TRUE(flush());
  EXPECT_EQ(stats().calls_blocked, before.calls_blocked);
  EXPECT_NE(gate.text().find(R"("message":"Log lines dropped","metadata":{"dropped_count":)"),
            std::string::npos);
  EXPECT_NE(gate.text().find(R"("i":0})"), std::string::npos);
  size_t told = 0;
  for (size_t at = 0; (at = gate.text().find("Log lines dropped", at)) != std::string::npos; ++at) ++told;
  EXPECT_EQ(gate.lines() - told + dropped, kLines);
  Init(false);
}

TEST_F(LogTest, TheBlockingPolicyLosesNothing) {
  Gate gate;
  Config config = ConfigWith(gate.sink());
  config.queue_bytes = 64 << 10;
  const Stats before = stats();
  init(config);
  constexpr size_t kLines = 10'000;
  std::jthread opener([&] {
    while (stats().calls_blocked == before.calls_blocked) std::this_thread::sleep_for(1ms);
    gate.Open();
  });
  std::jthread([this] {
    for (size_t i = 0; i < kLines; ++i) log_.info("line", kv("i", i));
  }).join();
  EXPECT_TRUE(flush());
  EXPECT_EQ(gate.lines(), kLines);
  EXPECT_EQ(stats().lines_dropped_full, before.lines_dropped_full);
  Init(false);
}

TEST_F(LogTest, LargeLinesAreBoundedTogether) {
  Gate gate;
  Config config = ConfigWith(gate.sink());
  config.queue_policy = QueuePolicy::kDropNewest;
  config.heap_bytes = 1 << 20;
  const Stats before = stats();
  init(config);
  const std::string large(200 << 10, 'x');
  for (int i = 0; i < 20; ++i) log_.info("large", kv("text", large));
  const uint64_t dropped = stats().lines_dropped_full - before.lines_dropped_full;
  EXPECT_GE(dropped, 14U);
  gate.Open();
  EXPECT_TRUE(flush());
  log_.info("large", kv("text", large));  // there is room again
  EXPECT_TRUE(flush());
  EXPECT_EQ(stats().lines_dropped_full - before.lines_dropped_full, dropped);
  Init(false);
}

TEST_F(LogTest, TimestampsFollowTheSystemClock) {
  Init(false);
  std::vector<int64_t> times;
  init(ConfigWith(function_sink([&](const Batch& batch) {
    for (const Entry& entry : batch.entries) times.push_back(entry.time_ns);
    return true;
  })));
  const auto now_ns = [] {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  };
  std::vector<int64_t> before;
  for (int i = 0; i < 20; ++i) {
    before.push_back(now_ns());
    log_.info("m");
    std::this_thread::sleep_for(2ms);
  }
  EXPECT_TRUE(flush());
  ASSERT_EQ(times.size(), before.size());
  for (size_t i = 0; i < times.size(); ++i) EXPECT_NEAR(times[i], before[i], 1e6) << i;
  Init(false);
}

TEST_F(LogTest, AFileThatCannotBeOpenedIsTriedAgain) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("taffrail_log_test_" + std::to_string(getpid()));
  std::filesystem::remove_all(folder);
  std::ofstream(folder) << "a file where the directory should be";
  init(ConfigWith(file_sink((folder / "app.log").string())));
  const uint64_t failed = stats().lines_failed;
  log_.info("lost");
  flush();
  EXPECT_EQ(stats().lines_failed, failed + 1);
  std::filesystem::remove(folder);
  log_.info("kept");
  flush();
  std::ifstream file(folder / "app.log");
  std::string line, rest;
  std::getline(file, line);
  EXPECT_NE(line.find("\"kept\""), std::string::npos);
  EXPECT_FALSE(std::getline(file, rest));
  Init(false);
  std::filesystem::remove_all(folder);
}

// REQ L-06
TEST_F(LogTest, AnIdleProcessLetsGoOfARotatedFile) {
  const auto path =
      std::filesystem::temp_directory_path() / ("taffrail_log_test_" + std::to_string(getpid()) + ".log");
  const std::string rotated = path.string() + ".1";
  init(ConfigWith(file_sink(path.string())));
  log_.info("the last line for a long time");
  ASSERT_TRUE(flush());
  std::filesystem::rename(path, rotated);
  const auto is_open = [&] {
    for (const auto& fd : std::filesystem::directory_iterator("/proc/self/fd")) {
      std::error_code closed;  // between the listing and the look
      if (std::filesystem::read_symlink(fd, closed) == rotated) return true;
    }
    return false;
  };
  ASSERT_TRUE(is_open());
  request_reopen();
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (is_open() && std::chrono::steady_clock::now() < deadline) std::this_thread::sleep_for(1ms);
  EXPECT_FALSE(is_open());
  Init(false);
  std::filesystem::remove(rotated);
}

}  // namespace
}  // namespace taffrail
