// Texts in, conditions out; that they never exclude what jq would keep is tests/query/jq_test.cc's.
#include "query/lang/jq/jq.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "expr/text.h"
#include "query/lang/jq/pushdown.h"
#include "query/plan/text.h"

namespace taffrail::query::lang::jq {
namespace {

// The conditions, without what every one of them has: "or …, uncertain(…)".
std::string Ahead(std::string_view filter) { return expr::ToString(*ConditionAheadOf(filter)); }

TEST(JqPushdownTest, Comparisons) {  // REQ Q-04
  EXPECT_EQ(Ahead(R"(select(.level == "ERROR"))"),
            R"(or(equal(path("level"), "ERROR"), uncertain(path("level"))))");
  EXPECT_EQ(Ahead(R"(select("ERROR" == .level) | {a: .b})"), Ahead(R"(select(.level == "ERROR"))"));
  EXPECT_EQ(
      Ahead(R"(select(.id == "req_8f4e2b1c"))"),
      R"(and(or(equal(path("id"), "req_8f4e2b1c"), uncertain(path("id"))), phrase(any, "req_8f4e2b1c")))");
  EXPECT_EQ(Ahead(R"(select(.["user"]."id"? == "1"))"),
            R"(or(equal(path("user.id"), "1"), uncertain(path("user.id"))))");
  EXPECT_EQ(Ahead(R"(select(.a >= "x"))"),
            R"(or(greater_equal(path("a"), "x"), uncertain(path("a"), no_text)))");
  EXPECT_EQ(Ahead(R"(select(.a < "x"))"),
            R"(or(not(greater_equal(path("a"), "x")), uncertain(path("a"), no_text)))");
  EXPECT_EQ(Ahead(R"(select(.a != "x"))"), R"(or(not(equal(path("a"), "x")), uncertain(path("a"))))");
  EXPECT_EQ(Ahead(R"(select(.a == "x" | not))"), Ahead(R"(select(.a != "x"))"));
  EXPECT_EQ(Ahead("select(.a > 2)"),
            R"(or(and(exists(field("a")), not(less(field("a"), 1.999999998))), uncertain(path("a"))))");
  EXPECT_EQ(Ahead("select(2 < .a)"), Ahead("select(.a > 2)"));
  EXPECT_EQ(Ahead("select(.a != null)"), R"(exists(field("a")))");
  EXPECT_EQ(Ahead("select(.a)"), R"(exists(field("a")))");
  EXPECT_EQ(Ahead(R"(select(has("a")))"), R"(exists(field("a")))");
}

TEST(JqPushdownTest, Texts) {  // REQ Q-04
  const std::string contains = R"(or(contains(path("m"), "time out"), uncertain(path("m"))))";
  EXPECT_EQ(Ahead(R"(select(.m | contains("time out")))"), contains);
  EXPECT_EQ(Ahead(R"(select(.m | test("^time out\\d+$")))"), contains);
  EXPECT_EQ(Ahead(R"(select(.m | startswith("time out")))"), contains);
  EXPECT_EQ(Ahead(R"(select(.m | test("Time";"i")))"),
            R"(or(contains(path("m"), "Time", ignore_case), regex(path("m"), "[^\\x00-\\x7F]"), )"
            R"(uncertain(path("m"))))");
  EXPECT_EQ(
      Ahead(R"(select(.m | IN("a","b")))"),
      R"(or(equal(path("m"), "a"), uncertain(path("m")), equal(path("m"), "b"), uncertain(path("m"))))");
}

TEST(JqPushdownTest, Combinations) {  // REQ Q-04
  const std::string a = Ahead(R"(select(.a == "x"))");
  const std::string b = Ahead(R"(select(.b == "y"))");
  EXPECT_EQ(Ahead(R"(select(.a == "x" and .b == "y"))"), "and(" + a + ", " + b + ")");
  EXPECT_EQ(Ahead(R"(select(.a == "x") | select(.b == "y") | .c)"), "and(" + a + ", " + b + ")");
  EXPECT_EQ(Ahead(R"(select(.a == "x" and (.t | length > 3)))"), a);
  EXPECT_EQ(Ahead(R"(select((.a == "x")) # a comment)"), a);
  EXPECT_EQ(Ahead(R"(select(.a != "x" or .b != "y" | not))"), "and(" + a + ", " + b + ")");
}

TEST(JqPushdownTest, NothingWhereItIsNotSure) {  // REQ Q-04
  for (const char* const filter : {".",
                                   ".a",
                                   "def select(f): .; select(.a == \"x\")",
                                   "select(.a == \"x\"), .b",
                                   "select(.a == \"x\") // 1",
                                   "select(.a == \"x\") as $y | 1",
                                   "select(.a == \"x\" or (.b | length))",
                                   "select(.a == \"x\" // true)",
                                   "select(if .a then .b else .c end)",
                                   "select(.a == .b)",
                                   "select(.a == \"x\" + \"y\")",
                                   "select(.a[0] == \"x\")",
                                   "select(.[] == \"x\")",
                                   "select(.a == \"\\(1)\")",
                                   "select(.[\"a.b\"] == \"x\")",
                                   "select(.a.b < 5)",
                                   "select(.a.b != \"x\")",
                                   "select(.a != \"5\")",
                                   "select(.a == \"\\ufffd\")",
                                   "select(.a | contains(\"a\\u0000b\"))",
                                   "select(.a | test(\"a|b\"))",
                                   "select(.a | test(\"a b\";\"x\"))",
                                   "select(.a == null)",
                                   "select(.a | not)",
                                   "select(.a as $x | $x)",
                                   "select(.a | test(\"x\") | not)",
                                   "select(.a == 1e999)",
                                   "map(select(.a == \"x\"))",
                                   "select(.a == \"x"}) {
    EXPECT_EQ(Ahead(filter), "true") << filter;
  }
}

TEST(JqPushdownTest, RequiredTexts) {  // REQ Q-04
  EXPECT_EQ(RequiredText("timeout"), "timeout");
  EXPECT_EQ(RequiredText("^/api/v\\d+/tasks?$"), "/api/v");
  EXPECT_EQ(RequiredText("a+bc*"), "a");
  EXPECT_EQ(RequiredText("ab+"), "ab");
  EXPECT_EQ(RequiredText("abc{0,2}"), "ab");
  EXPECT_EQ(RequiredText("(x|y)failed"), "failed");
  EXPECT_EQ(RequiredText("user [^ ]+ denied"), " denied");
  EXPECT_EQ(RequiredText("größe?"), "größ");
  EXPECT_EQ(RequiredText("10\\.0\\.0\\.1"), "10.0.0.1");
  for (const char* const pattern :
       {"a|b", "(?i)abc", "abc(?x) d", "\\Qa.b\\E", "\\x41bc", "[[a]b]c", "a{", ".*", ""}) {
    EXPECT_EQ(RequiredText(pattern), "") << pattern;
  }
}

TEST(JqLanguageTest, Plans) {  // REQ Q-04
  EXPECT_EQ(plan::ToString(*Parse(".a", 0)), "source\njq \".a\"\n");
  EXPECT_FALSE(Parse(" \n", 0).ok());
  EXPECT_FALSE(Parse(std::string("a\0b", 3), 0).ok());
  EXPECT_FALSE(Parse(std::string(plan::kMaxJqBytes + 1, '.'), 0).ok());
  std::string deep = "select(" + std::string(10'000, '(') + ".a" + std::string(10'000, ')') + ")";
  EXPECT_EQ(Ahead(deep), "true");
  std::string wide = "select(.a == 1";
  for (int i = 0; i < 4000; ++i) wide += " or .a == 1";
  EXPECT_TRUE(Parse(wide + ")", 0).ok());
}

}  // namespace
}  // namespace taffrail::query::lang::jq
