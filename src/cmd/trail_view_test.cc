#include "cmd/trail_view.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "cmd/printable.h"

namespace taffrail::cmd {
namespace {

constexpr int64_t kMsNs = 1'000'000;

std::vector<TrailLine> OneRequest() {
  return {
      {1000 * kMsNs, "api", "INFO", "POST /api/v1/tasks", {}, "{}", "", ""},
      {1040 * kMsNs, "database", "DEBUG", "INSERT INTO tasks", 20.0, "{}", "", ""},
      {1100 * kMsNs, "api", "ERROR", "failed\x1b[2J", 100.0, "{}", "", ""},
  };
}

TEST(TrailView, DrawsWorkFromItsBeginToItsEnd) {  // REQ C-06
  const std::string text = RenderTrail("req_1", OneRequest(), Painter(false), 90, true);
  EXPECT_NE(text.find("req_1   3 lines   2 services   100 ms"), std::string::npos) << text;
  std::vector<std::string> rows;
  for (size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
    rows.push_back(text.substr(at, end - at));
    EXPECT_LE(DisplayWidth(rows.back()), 90u) << rows.back();
  }
  ASSERT_EQ(rows.size(), 10u);
  // Two hops, then where the time went, a pause, and the lines.
  EXPECT_NE(rows[2].find("api"), std::string::npos) << text;
  EXPECT_NE(rows[2].find("80 ms of its own, 1 error"), std::string::npos) << text;
  EXPECT_NE(rows[3].find("  database"), std::string::npos) << text;
  EXPECT_NE(rows[5].find("where time went   api 80 ms (80 %)  database 20 ms (20 %)"), std::string::npos)
      << text;
  rows.erase(rows.begin() + 2, rows.begin() + 7);
  ASSERT_EQ(rows.size(), 5u);
  const auto bar_begin = [&rows](size_t row) {
    return DisplayWidth(rows[row].substr(0, rows[row].find("█")));
  };
  const auto bar_end = [&rows](size_t row) { return DisplayWidth(rows[row]); };
  EXPECT_LT(bar_begin(4), bar_begin(3));  // the request began before its statement
  EXPECT_LT(bar_end(3), bar_end(4));      // and ended after it
  EXPECT_NE(rows[2].find("▏"), std::string::npos);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(TrailView, JsonNamesServicesAndOffsets) {
  const std::string json = TrailJson("req_1", OneRequest());
  EXPECT_NE(json.find(R"("id":"req_1","lines":3)"), std::string::npos) << json;
  EXPECT_NE(json.find(R"({"service":"api","lines":2,"errors":1,"first_offset_ms":0,"last_offset_ms":100})"),
            std::string::npos)
      << json;
  EXPECT_NE(json.find(R"("offset_ms":40,"service":"database","level":"DEBUG")"), std::string::npos) << json;
}

TEST(TrailView, AsciiWhereTheTerminalMayNotShowMore) {  // REQ C-06
  const std::string text = RenderTrail("req_1", OneRequest(), Painter(false), 90, false);
  EXPECT_TRUE(std::all_of(text.begin(), text.end(), [](char c) { return static_cast<signed char>(c) > 0; }));
  EXPECT_NE(text.find("####"), std::string::npos);
}

TEST(TrailView, OneLineIsATrailToo) {
  const std::vector<TrailLine> lines = {{0, "", "", "", {}, "{}", "", ""}};
  EXPECT_NE(RenderTrail("x", lines, Painter(false), 20, false).find("1 line "), std::string::npos);
}

}  // namespace
}  // namespace taffrail::cmd
