#include "cmd/stats_view.h"

#include <gtest/gtest.h>

namespace taffrail::cmd {
namespace {

TEST(Sparkline, ScalesToTheLargest) {
  EXPECT_EQ(Sparkline({0, 1, 4, 8}), " ▂▅█");
  EXPECT_EQ(Sparkline({5}), "█");
  EXPECT_EQ(Sparkline({0, 0}), "  ");
  EXPECT_EQ(Sparkline({}), "");
  EXPECT_EQ(Sparkline({UINT64_MAX, 1}), "█▁");
}

TEST(StatsView, ShowsLevelsServicesAndTime) {  // REQ P-03
  const auto text =
      RenderStats(R"({"from":"2025-01-01T00:00:00.000000000Z","to":"2025-01-02T00:00:00.000000000Z",)"
                  R"("lines":1200,"errors":30,)"
                  R"("by_level":{"ERROR":30,"INFO":1170},)"
                  R"("by_service":[{"service":"api\u001b","lines":1200,"errors":30}],)"
                  R"("buckets":[{"start":"","lines":400,"errors":0},{"start":"","lines":800,"errors":30}],)"
                  R"("store":{"rows":1200,"raw_bytes":1000000,"disk_bytes":50000}})",
                  Painter(false), 80);
  ASSERT_TRUE(text.ok());
  EXPECT_NE(text->find("1 200 lines, 30 errors"), std::string::npos) << *text;
  EXPECT_NE(text->find("INFO               1 170   97.5 %"), std::string::npos) << *text;
  EXPECT_LT(text->find("INFO"), text->find("ERROR"));
  EXPECT_NE(text->find("api\\x1b"), std::string::npos) << *text;
  EXPECT_NE(text->find("▅█"), std::string::npos) << *text;
}

TEST(StatsView, RefusesOtherDocuments) {
  EXPECT_FALSE(RenderStats("<html>", Painter(false), 80).ok());
  EXPECT_FALSE(RenderStats("[]", Painter(false), 80).ok());
}

}  // namespace
}  // namespace taffrail::cmd
