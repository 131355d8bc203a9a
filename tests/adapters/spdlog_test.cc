// REQ L-12
#include "taffrail/adapters/spdlog.h"

#include <gmock/gmock.h>

#include <spdlog/spdlog.h>

#include "lines.h"
#include "taffrail/context.h"

namespace taffrail {
namespace {

using testing::ElementsAre;

TEST(SpdlogAdapter, LinesGoThroughWithLoggerAndLevel) {
  Lines lines;
  spdlog::logger log("legacy.orders", std::make_shared<adapters::SpdlogSink>());
  log.set_level(spdlog::level::trace);
  log.info("order {} from \"{}\"", 17, "Zoë");
  log.trace("t");
  log.warn("w");
  log.error("e");
  log.critical("c");
  EXPECT_THAT(lines.Take(),
              ElementsAre(R"({"level":"INFO","logger":"legacy.orders","message":"order 17 from \"Zoë\""})",
                          R"({"level":"TRACE","logger":"legacy.orders","message":"t"})",
                          R"({"level":"WARNING","logger":"legacy.orders","message":"w"})",
                          R"({"level":"ERROR","logger":"legacy.orders","message":"e"})",
                          R"({"level":"CRITICAL","logger":"legacy.orders","message":"c"})"));
}

TEST(SpdlogAdapter, OurLevelsAndScopesApply) {
  Lines lines;
  set_level("legacy", Level::kWarning);
  spdlog::logger log("legacy.orders", std::make_shared<adapters::SpdlogSink>());
  const Scope scope({{"request_id", "req_1"}});
  log.info("too low");
  log.warn("high enough");
  reset_level("legacy");
  EXPECT_THAT(lines.Take(),
              ElementsAre(R"({"level":"WARNING","logger":"legacy.orders","message":"high enough",)"
                          R"("context":{"request_id":"req_1"}})"));
}

TEST(SpdlogAdapter, ThePlaceInTheSourceIsTheCallers) {
  auto memory = std::make_shared<MemorySink>();
  Config config;
  config.sinks = {{memory, Level::kTrace, "nested"}};
  init(config);
  spdlog::logger log("legacy", std::make_shared<adapters::SpdlogSink>());
  SPDLOG_LOGGER_ERROR(&log, "here");
  const std::string line = std::to_string(__LINE__ - 1);
  log.error("from nowhere");
  flush();
  ASSERT_EQ(memory->lines().size(), 2U);
  EXPECT_THAT(memory->lines()[0], testing::HasSubstr("spdlog_test.cc\",\"line\":" + line));
  EXPECT_THAT(memory->lines()[1], testing::Not(testing::HasSubstr("source")));
  init({});
}

}  // namespace
}  // namespace taffrail
