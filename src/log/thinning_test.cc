// Fewer lines on purpose, as a program sees it.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "taffrail/config.h"
#include "taffrail/context.h"
#include "taffrail/log.h"

namespace taffrail {
namespace {

class ThinningTest : public testing::Test {
 protected:
  void Init(Config config) {
    config.sinks = {{memory_, Level::kTrace, "nested"}};
    init(std::move(config));
  }
  void TearDown() override { init({}); }

  size_t Count(std::string_view needle) {
    EXPECT_TRUE(flush());
    size_t count = 0;
    for (const std::string& line : memory_->lines()) count += line.find(needle) != std::string::npos ? 1 : 0;
    return count;
  }
  // Of the numbers that follow the key, of all lines that have it.
  size_t Sum(std::string_view key) {
    EXPECT_TRUE(flush());
    size_t sum = 0;
    for (const std::string& line : memory_->lines()) {
      const size_t at = line.find(key);
      if (at != std::string::npos) sum += std::stoull(line.substr(at + key.size()));
    }
    return sum;
  }
  std::string Find(std::string_view needle) {
    EXPECT_TRUE(flush());
    for (const std::string& line : memory_->lines()) {
      if (line.find(needle) != std::string::npos) return line;
    }
    return "";
  }

  std::shared_ptr<MemorySink> memory_ = std::make_shared<MemorySink>(1'000'000);
  const Logger log_{"thin.http"};
};

// REQ L-08
TEST_F(ThinningTest, SamplingKeepsItsShareAndSaysWhatIsMissing) {
  Config config;
  config.sampling = {{.lines = {.logger = "thin"}, .rate = 0.1}};
  Init(config);
  constexpr int kLines = 20'000;
  for (int i = 0; i < kLines; ++i) log_.info("sampled", kv("n", i));
  for (int i = 0; i < 100; ++i) log_.error("never sampled", kv("n", i));
  const size_t kept = Count("\"sampled\"");
  EXPECT_GT(kept, size_t{kLines} / 10 - 300);  // seven standard deviations
  EXPECT_LT(kept, size_t{kLines} / 10 + 300);
  EXPECT_EQ(Count("never sampled"), 100U);
  EXPECT_EQ(stats().lines_sampled_out, kLines - kept);
  EXPECT_EQ(Sum("\"sampled_out_count\":"), kLines - kept);  // a report a period, and the machine may be slow
}

TEST_F(ThinningTest, ARequestIsKeptOrDroppedWhole) {
  Config config;
  config.sampling = {{.lines = {}, .rate = 0.3}};
  Init(config);
  constexpr int kRequests = 500, kLinesEach = 5;
  for (int request = 0; request < kRequests; ++request) {
    const Scope scope({{"request_id", "req_" + std::to_string(request)}});
    for (int i = 0; i < kLinesEach; ++i) log_.info("step", kv("n", i));
  }
  ASSERT_TRUE(flush());
  std::map<std::string, int> lines_of;
  for (const std::string& line : memory_->lines()) {
    const size_t at = line.find("req_");
    if (at != std::string::npos) ++lines_of[line.substr(at, line.find('"', at) - at)];
  }
  EXPECT_GT(lines_of.size(), 100U);
  EXPECT_LT(lines_of.size(), 200U);
  for (const auto& [request, lines] : lines_of) EXPECT_EQ(lines, kLinesEach) << request;
}

TEST_F(ThinningTest, RulesGoByLoggerLevelAndMessageAndTheFirstCounts) {
  Config config;
  config.sampling = {{.lines = {.message = "kept"}, .rate = 1},
                     {.lines = {.below = Level::kWarning}, .rate = 0},
                     {.lines = {.logger = "thin.other"}, .rate = 0}};
  Init(config);
  const std::string at_run_time = "kept";
  log_.info("kept");
  log_.info(at_run_time);
  log_.info("gone");
  log_.warning("stays");
  Logger("thin.other").warning("goes");
  Logger("thin.otherwise").warning("stays too");
  EXPECT_EQ(Count("\"kept\""), 2U);
  EXPECT_EQ(Count("\"gone\""), 0U);
  EXPECT_EQ(Count("\"stays\""), 1U);
  EXPECT_EQ(Count("\"goes\""), 0U);
  EXPECT_EQ(Count("stays too"), 1U);
}

TEST_F(ThinningTest, RateLimitLetsABurstThroughAndCountsTheRest) {
  Config config;
  config.rate_limits = {{.lines = {}, .per_second = 0.001, .burst = 10}};
  Init(config);
  for (int i = 0; i < 1'000; ++i) log_.warning("flood", kv("n", i));
  log_.warning("another call site");
  EXPECT_EQ(Count("\"message\":\"flood\""), 10U);
  EXPECT_EQ(Count("another call site"), 1U);
  const std::string rest = Find("More lines like this");
  EXPECT_NE(rest.find(R"("suppressed_count":990,"suppressed_message":"flood")"), std::string::npos) << rest;
  EXPECT_EQ(stats().lines_rate_limited, 990U);
}

TEST_F(ThinningTest, LinesOfATightLoopBecomeOne) {
  Config config;
  config.aggregates = {{.lines = {.message = "chunk"}, .window_ms = 60'000}};
  Init(config);
  {
    const Scope scope({{"request_id", "req_1"}});
    for (int i = 1; i <= 100; ++i) log_.info("chunk", kv("bytes", i), kv("file", std::to_string(i)));
  }
  log_.info("done");
  EXPECT_EQ(Count("\"chunk\""), 1U);
  EXPECT_EQ(Count("\"done\""), 1U);
  const std::string line = Find("\"chunk\"");
  EXPECT_NE(line.find(R"("context":{"request_id":"req_1"})"), std::string::npos) << line;
  EXPECT_NE(line.find(R"("bytes":100,"file":"100","repeat_count":100,)"
                      R"("bytes_min":1,"bytes_max":100,"bytes_sum":5050)"),
            std::string::npos)
      << line;
}

TEST_F(ThinningTest, AnAggregateIsWrittenWhenItsWindowEnds) {
  Config config;
  config.aggregates = {{.lines = {}, .window_ms = 20}};
  Init(config);
  log_.info("once");
  for (int waited_ms = 0; waited_ms < 5'000 && memory_->lines().empty(); waited_ms += 5) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  ASSERT_EQ(memory_->lines().size(), 1U);  // without a flush
  EXPECT_EQ(memory_->lines()[0].find("repeat_count"), std::string::npos);
}

}  // namespace
}  // namespace taffrail
