#include "expr/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace taffrail::expr {
namespace {

using ::testing::HasSubstr;

TEST(TextTest, PrintsWhatItParses) {  // REQ Q-05
  for (const char* text : {
           "true",
           "false",
           R"(and(equal(level, "ERROR"), not(greater(field("took"), 1.5))))",
           R"(or(contains(line, "time out", ignore_case), phrase(any, "a b"), exists(field("x.y"))))",
           R"(in(label("app"), ["a", "b"], ignore_case))",
           R"(in(label("app"), []))",
           R"(less(logql("took"), 1000000000, duration))",
           R"(less_equal(logql("size"), -0.25, bytes))",
           R"(less(field("a"), "b"))",
           R"(greater_equal(timestamp, "1700000000000000001"))",
           R"(equal(label("env"), "", missing_is_empty))",
           R"(regex(message, "^a.*\\.\"$", anchored, missing_is_empty))",
           R"(wildcard(field("\x00\n"), "a*?"))",
           R"(in_network(field("ip"), "10.0.0.0/8"))",
           R"(greater(field("a"), -inf))",
       }) {
    const auto expr = Parse(text);
    ASSERT_TRUE(expr.ok()) << text << ": " << expr.status();
    EXPECT_EQ(ToString(**expr), text);
    EXPECT_TRUE(Equal(**expr, **Parse(ToString(**expr))));
  }
}

TEST(TextTest, ErrorsNameThePlace) {
  EXPECT_THAT(std::string(Parse(R"(and(equal(level "x")))").status().message()),
              HasSubstr("expected ',', at column 17"));
  EXPECT_THAT(std::string(Parse("maybe").status().message()),
              HasSubstr("expected a condition, at column 1\n  maybe\n  ^"));
  EXPECT_FALSE(Parse("").ok());
  EXPECT_FALSE(Parse("true true").ok());
  EXPECT_FALSE(Parse(R"(equal(field("a"), "b\q"))").ok());
  EXPECT_FALSE(Parse(R"(equal(field("a"), 5))").ok());
  EXPECT_FALSE(Parse(R"(equal(field("a"), "b)").ok());
}

TEST(TextTest, DepthIsBounded) {
  std::string text;
  for (int i = 0; i < 100000; ++i) text += "not(";
  EXPECT_THAT(std::string(Parse(text).status().message()), HasSubstr("nested deeper"));
}

}  // namespace
}  // namespace taffrail::expr
