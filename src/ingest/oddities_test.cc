#include "ingest/oddities.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "record/batch_builder.h"

namespace taffrail::ingest {
namespace {

Oddities Count(const std::vector<std::string>& lines) {
  record::BatchBuilder builder;
  for (const std::string& line : lines) builder.Append(line, 0);
  return CountOddities(builder.Finish());
}

std::string Nested(int levels, char open, char close) {
  return std::string(static_cast<size_t>(levels), open) + std::string(static_cast<size_t>(levels), close);
}

TEST(Oddities, OrdinaryLinesHaveNone) {
  const Oddities none = Count({R"({"a":1,"b":{"a":2},"c":[{"a":1},{"a":1}],"d":"{\"a\":1,\"a\":2}"})", "text",
                               "{}", R"({"n":1.5e300,"x":-0,"y":12345678901234567890})"});
  EXPECT_EQ(none.repeated_keys, 0u);
  EXPECT_EQ(none.huge_numbers, 0u);
  EXPECT_EQ(none.deep_nesting, 0u);
}

TEST(Oddities, RepeatedKeys) {
  EXPECT_EQ(
      Count({R"({"a":1,"a":2})", R"({"a":1,"a":3})", R"({"x":{"b":1,"c":"","b":null}})", R"({"a":1,"b":2})"})
          .repeated_keys,
      3u);
}

TEST(Oddities, NumbersBeyondDouble) {
  EXPECT_EQ(Count({R"({"a":1e999,"b":-1e400,"c":1e10})"}).huge_numbers, 2u);
}

TEST(Oddities, DeepNesting) {
  EXPECT_EQ(Count({"{\"a\":" + Nested(record::kMaxDepth, '[', ']') + "}"}).deep_nesting, 1u);
  EXPECT_EQ(Count({"{\"a\":" + Nested(record::kMaxDepth - 1, '[', ']') + "}"}).deep_nesting, 0u);
  std::string objects = "1";
  for (int i = 0; i < 100; ++i) objects = "{\"k\":" + objects + "}";
  EXPECT_EQ(Count({objects}).deep_nesting, 1u);
}

}  // namespace
}  // namespace taffrail::ingest
