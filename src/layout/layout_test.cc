#include "layout/layout.h"

#include <gtest/gtest.h>

#include "layout/line_for_tests.h"
#include "taffrail/context.h"

namespace taffrail::layout {
namespace {

std::string Render(Layout& layout, const Line& line) {
  SitePlans plans;
  OutBuffer out;
  layout.Append(line, plans, out);
  layout.Append(line, plans, out);  // once more, with the plan that is there by now
  const std::string_view both = out.view();
  EXPECT_EQ(both.substr(0, both.size() / 2), both.substr(both.size() / 2));
  EXPECT_EQ(out.back(), '\n');
  return std::string(both.substr(0, both.size() / 2 - 1));
}

std::string Render(std::string_view name, const Line& line, const Options& options = {}) {
  const auto layout = MakeLayout(name, {}, options);
  return Render(*layout, line);
}

class RenderBothWays : public ::testing::TestWithParam<const char*> {};

TEST(LayoutTest, NestedByValues) {
  CallForTests call("Task created");
  call.Add("id", std::string("req_8f4e2b1c")).Add("n", 45).Add("f", 0.5).Add("ok", true).Add("none", nullptr);
  call.Add("took", std::chrono::milliseconds(3)).Add("u", UINT64_MAX);
  const std::string expected =
      R"({"timestamp":"2025-10-30T14:23:45.123Z","level":"INFO","service":"api","logger":"tasks.service",)"
      R"("message":"Task created","metadata":{"id":"req_8f4e2b1c","n":45,"f":0.5,"ok":true,"none":null,)"
      R"("took_ms":3,"u":18446744073709551615}})";
  EXPECT_EQ(Render("nested", call.ByValues(), {.process = {.service = "api"}}), expected);
  EXPECT_EQ(Render("nested", call.Encoded(), {.process = {.service = "api"}}), expected);
}

}  // namespace
}  // namespace taffrail::layout
