#include "server/trail_hops.h"

#include <gtest/gtest.h>

namespace taffrail::server {
namespace {

constexpr int64_t kMs = 1'000'000;

TrailStep Step(int64_t at_ms, const char* service, int64_t work_ms = 0, bool is_error = false,
               const char* span = "", const char* parent = "") {
  return {at_ms * kMs, work_ms * kMs, service, is_error, span, parent};
}

std::string Text(const TrailShape& shape) {
  std::string text;
  for (const TrailHop& hop : shape.hops) {
    text += std::string(hop.depth, '>') + hop.service + " " +
            std::to_string((hop.begin_ns - shape.begin_ns) / kMs) + "-" +
            std::to_string((hop.end_ns - shape.begin_ns) / kMs) + " self " +
            std::to_string(hop.self_ns / kMs) + " errors " + std::to_string(hop.errors) + "\n";
  }
  for (const TrailPause& pause : shape.pauses) {
    text += "pause " + std::to_string((pause.end_ns - pause.begin_ns) / kMs) + " " + pause.after + ">" +
            pause.before + "\n";
  }
  return text + "idle " + std::to_string(shape.idle_ns / kMs);
}

TEST(TrailHopsTest, InferredHopsNestAndShareTheTime) {  // REQ C-06
  const TrailShape shape =
      ShapeOf({Step(1000, "api"), Step(1040, "db", 20), Step(1060, "db", 15, true), Step(1100, "api")});
  EXPECT_EQ(
      Text(shape),
      "api 0-100 self 60 errors 0\n>db 20-60 self 40 errors 1\npause 20 api>db\npause 40 db>api\nidle 0");
  ASSERT_EQ(shape.time.size(), 2u);
  EXPECT_EQ(shape.time[0].service, "api");
  EXPECT_EQ(shape.time[1].self_ns, 40 * kMs);
}

TEST(TrailHopsTest, SpansAreHopsUnderTheirParents) {  // REQ C-06
  const TrailShape shape =
      ShapeOf({Step(0, "api", 0, false, "a"), Step(10, "api", 0, false, "b", "a"),
               Step(20, "worker", 0, false, "c", "b"), Step(30, "worker", 0, true, "c", "b"),
               Step(40, "api", 0, false, "b", "a"), Step(50, "api", 0, false, "a")});
  EXPECT_EQ(shape.hops[0].depth, 0u);
  EXPECT_EQ(shape.hops[1].depth, 1u);
  EXPECT_EQ(shape.hops[2].depth, 2u);
  EXPECT_EQ(shape.hops[0].self_ns, 20 * kMs);
  EXPECT_EQ(shape.hops[1].self_ns, 20 * kMs);
  EXPECT_EQ(shape.hops[2].self_ns, 10 * kMs);
  EXPECT_EQ(shape.hops[2].errors, 1u);
}

TEST(TrailHopsTest, OddTrailsHaveAShapeToo) {
  EXPECT_TRUE(ShapeOf({}).hops.empty());
  EXPECT_EQ(Text(ShapeOf({Step(5, "")})), " 0-0 self 0 errors 0\nidle 0");
  // Parents in a loop, negative work, more spans than are shown.
  const TrailShape loop = ShapeOf({Step(0, "x", -5, false, "a", "b"), Step(1, "x", 0, false, "b", "a")});
  EXPECT_LE(loop.hops[0].depth, 32u);
  std::vector<TrailStep> many;
  for (int i = 0; i < 600; ++i) many.push_back(Step(i, "s", 0, false, std::to_string(i).c_str()));
  EXPECT_EQ(ShapeOf(many).hops.size(), TrailShape::kMostHops);
  EXPECT_EQ(ShapeOf(many).left_out, 100u);
}

TEST(TrailHopsTest, JsonOfAShape) {
  std::string out;
  AppendShapeJson(ShapeOf({Step(0, "a\"b"), Step(4, "a\"b", 0, true)}), 0, out);
  EXPECT_EQ(
      out,
      R"(,"hops":[{"service":"a\"b","inferred":true,"depth":0,"offset_ms":0,"duration_ms":4,"self_ms":4,)"
      R"("lines":2,"errors":1}],"pauses":[{"offset_ms":0,"duration_ms":4,"after":"a\"b",)"
      R"("before":"a\"b"}],"time":[{"service":"a\"b","self_ms":4}],"idle_ms":0)");
}

}  // namespace
}  // namespace taffrail::server
