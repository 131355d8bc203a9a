#include "query/lang/logql/logql.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "expr/text.h"
#include "query/plan/text.h"

namespace taffrail::query::lang::logql {
namespace {

using ::testing::HasSubstr;

std::string Parsed(std::string_view text) {
  const auto plan = Parse(text);
  return plan.ok() ? expr::ToString(*plan->source.filter) : "error: " + std::string(plan.status().message());
}

constexpr std::pair<const char*, const char*> kQueries[] = {
    {"{}", "true"},
    {R"({app="api"})", R"(equal(stream("app"), "api", missing_is_empty))"},
    {R"({ app =~ `a|b` , env!="", })", R"(and(regex(stream("app"), "a|b", anchored, missing_is_empty), )"
                                       R"(not(equal(stream("env"), "", missing_is_empty))))"},
    {R"({app!~"a.*"})", R"(not(regex(stream("app"), "a.*", anchored, missing_is_empty)))"},
    {R"(({app="a"} |= "x"))", R"(and(equal(stream("app"), "a", missing_is_empty), contains(line, "x")))"},
    {R"({} |= "a" != `b\n` |~ "c+" !~ "d")",
     R"(and(contains(line, "a"), not(contains(line, "b\\n")), regex(line, "c+"), not(contains(line, "d"))))"},
    {R"({} |= "a" or `b` or "c" != "d" or "e")",
     R"(and(or(contains(line, "a"), contains(line, "b"), contains(line, "c")), )"
     R"(not(or(contains(line, "d"), contains(line, "e")))))"},
    {R"({} |= "\"q\" \\ \t\x41\101\u00e9\U0001f600")",
     "contains(line, \"\\\"q\\\" \\\\ \\tAA\u00e9\U0001f600\")"},
    {R"({} |= "" |~ "(?i)error|warn")",
     R"(or(contains(line, "error", ignore_case), contains(line, "warn", ignore_case)))"},
    {R"({} |~ "(?i)task")", R"(regex(line, "(?i)task"))"},
    {R"({} |~ "a.b|c")", R"(regex(line, "(?s)a.b|c"))"},
    {"{} # all\n|= \"#a\" # \"b", R"(contains(line, "#a"))"},
    {R"({} | trace="t")", R"(equal(label("trace"), "t", missing_is_empty))"},
    {R"({} | json | a_b!~"x|y")", R"(not(regex(logql("a_b"), "x|y", anchored, missing_is_empty)))"},
    {"{} | n > -1.5e3", R"(and(exists(label("n")), not(less_equal(label("n"), -1500))))"},
    {"{} | n = 5", R"(and(exists(label("n")), not(or(less(label("n"), 5), greater(label("n"), 5)))))"},
    {"{} | n != 5",
     R"(and(exists(label("n")), not(and(less_equal(label("n"), 5), greater_equal(label("n"), 5)))))"},
    {"{} | t >= 1h30m", R"(and(exists(label("t")), not(less(label("t"), 5400000000000, duration))))"},
    {"{} | t < 10ms", R"(and(exists(label("t")), not(greater_equal(label("t"), 10000000, duration))))"},
    {"{} | t <= 5m", R"(and(exists(label("t")), not(greater(label("t"), 300000000000, duration))))"},
    {"{} | s < 20KB", R"(and(exists(label("s")), not(greater_equal(label("s"), 20000, bytes))))"},
    {"{} | s < 5MiB", R"(and(exists(label("s")), not(greater_equal(label("s"), 5242880, bytes))))"},
    // Lines that have an error pass, and those that one before made have one.
    {"{} | json | n > 1", R"(or(equal(logql("__error__"), "JSONParserErr"), )"
                          R"(and(exists(logql("n")), not(less_equal(logql("n"), 1)))))"},
    {"{} | n > 1, t > 1s", R"(and(exists(label("n")), not(less_equal(label("n"), 1)), )"
                           R"(or(and(exists(label("n")), not(greater_equal(label("n"), -inf))), )"
                           R"(and(exists(label("t")), not(less_equal(label("t"), 1000000000, duration))))))"},
    {"{} | n > 1 or t > 1s",
     R"(or(and(exists(label("n")), not(less_equal(label("n"), 1))), )"
     R"(and(exists(label("t")), not(less_equal(label("t"), 1000000000, duration)))))"},
    {R"({} | json | a=ip("10.0.0.0/8"))",
     R"(or(equal(logql("__error__"), "JSONParserErr"), in_network(logql("a"), "10.0.0.0/8")))"},
    {R"({} | a!=ip("::1"))", R"(and(exists(label("a")), not(in_network(label("a"), "::1"))))"},
    {R"({} | __error__="")", "true"},
    {R"({} | __error__!="")", "false"},
    {R"({} | json | __error__="")", R"(not(equal(logql("__error__"), "JSONParserErr")))"},
    {R"({} | json | __error__=~"JSON.*")", R"(equal(logql("__error__"), "JSONParserErr"))"},
    {R"({} | json | __error__=~".*")", "true"},
    {R"({} | __error__ > 0)", "false"},
    {R"({} | json | __error__ > 0)", R"(equal(logql("__error__"), "JSONParserErr"))"},
};

TEST(LogqlTest, QueriesBecomePlansThatPrint) {  // REQ Q-01
  for (const auto& [query, filter] : kQueries) {
    const auto plan = Parse(query);
    ASSERT_TRUE(plan.ok()) << query << "\n" << plan.status();
    EXPECT_EQ(expr::ToString(*plan->source.filter), filter) << query;
    const auto again = plan::Parse(plan::ToString(*plan));
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_TRUE(plan::Equal(*plan, *again)) << query;
  }
}

// Loki's grammar, taken at its word: `and` before `or`; a comma or a space takes all that follows.
TEST(LogqlTest, PrecedenceOfLabelFilters) {  // REQ Q-01
  const auto same = [](std::string_view a, std::string_view b) {
    EXPECT_EQ(Parsed("{} | json | " + std::string(a)), Parsed("{} | json | " + std::string(b))) << a;
  };
  same(R"(a="1" or b="2" and c="3")", R"(a="1" or (b="2" and c="3"))");
  same(R"(a="1" and b="2" or c="3")", R"((a="1" and b="2") or c="3")");
  same(R"(a="1", b="2" or c="3")", R"(a="1" and (b="2" or c="3"))");
  same(R"(a="1" b="2" or c="3")", R"(a="1" and (b="2" or c="3"))");
  same(R"(a="1" or b="2", c="3" or d="4")", R"(a="1" or (b="2" and (c="3" or d="4")))");
  same(R"(a="1" or b="2" | c="3")", R"((a="1" or b="2") and c="3")");
  same(R"(a="1" OR b="2" AND (c="3"))", R"(a="1" or b="2" and c="3")");
  same(R"(a="1" (b="2") c="3")", R"(a="1", b="2", c="3")");
  EXPECT_EQ(Parsed(R"({} | json | (a="1" or b="2") and c="3")"),
            R"(and(or(equal(logql("a"), "1", missing_is_empty), equal(logql("b"), "2", missing_is_empty)), )"
            R"(equal(logql("c"), "3", missing_is_empty)))");
}

TEST(LogqlTest, ErrorsOfSelectorsAndTexts) {  // REQ Q-01
  EXPECT_THAT(Parsed(""),
              HasSubstr("begins with a stream selector: {app=\"api\"}, or {} for all streams, at column 1"));
  EXPECT_THAT(Parsed("{app}"), HasSubstr("expected = != =~ or !~ here, at column 5\n  {app}\n      ^"));
  EXPECT_THAT(Parsed("{app=api}"), HasSubstr("double quotes or backticks, at column 6"));
  EXPECT_THAT(Parsed("{app='api'}"), HasSubstr("double quotes or backticks, at column 6"));
  EXPECT_THAT(Parsed("{a=\"1\" b=\"2\"}"), HasSubstr("expected ',' or '}'"));
  EXPECT_THAT(Parsed("{a=\"1\""), HasSubstr("this '{' is never closed, at column 1"));
  EXPECT_THAT(Parsed("{app=\"a}"), HasSubstr("this quote is never closed, at column 6"));
  EXPECT_THAT(Parsed("{app=\"a\n\"}"), HasSubstr("use backticks, at column 8"));
  EXPECT_THAT(Parsed("{} |= \"\\d\""), HasSubstr("backticks need none, at column 8"));
  EXPECT_THAT(Parsed("{} |= \"\\ud800\""), HasSubstr("unknown escape"));
  EXPECT_THAT(Parsed("{user.id=\"a\"}"), HasSubstr("the field a.b is a_b, at column 6"));
  EXPECT_THAT(Parsed("{app=~\"a(\"}"), HasSubstr("bad regular expression \"a(\""));
  EXPECT_THAT(Parsed("({}"), HasSubstr("this '(' is never closed, at column 1"));
  EXPECT_THAT(Parsed("({}) |= \"a\""), HasSubstr("ends with them, at column 6"));
  EXPECT_THAT(Parsed("{} ;"), HasSubstr("no meaning here"));
}

TEST(LogqlTest, ErrorsOfStages) {  // REQ Q-01
  EXPECT_THAT(Parsed("{} |~ \"[.\""), HasSubstr("bad regular expression \"[.\""));
  EXPECT_THAT(Parsed("{}\n|~ \"[\""), HasSubstr("at line 2, column 4"));
  EXPECT_THAT(Parsed("{} |~ ip(\"10.0.0.1\")"), HasSubstr("ip() is looked for with |= or !="));
  EXPECT_THAT(Parsed("{} |= ip(\"10.0.0\")"), HasSubstr("is no network, range or address, at column 10"));
  EXPECT_THAT(Parsed("{} |> \"<a>\""), HasSubstr("write <_>"));
  EXPECT_THAT(Parsed("{} | json a=\"b[\""), HasSubstr("expected an index"));
  EXPECT_THAT(Parsed("{} | logfmt --loose"), HasSubstr("--strict and --keep-empty, at column 13"));
  EXPECT_THAT(Parsed("{} | pattern \"<_>\""), HasSubstr("at least one named capture"));
  EXPECT_THAT(Parsed("{} | regexp \"(a)\""), HasSubstr("at least one named capture"));
  EXPECT_THAT(Parsed("{} | line_format \"{{.a\""), HasSubstr("expected }}, at column 5, at column 18"));
  EXPECT_THAT(Parsed("{} | label_format a=b,a=c"), HasSubstr("multiple label name 'a'"));
  EXPECT_THAT(Parsed("{} | unwrap a"), HasSubstr("unwrap belongs to a metric query"));
  EXPECT_THAT(Parsed("{} \"a\""), HasSubstr("expected a stage: |= != |~ !~ |> !> or |, at column 4"));
  EXPECT_THAT(Parsed("{} | json | a > \"5\""), HasSubstr("without quotes, at column 17"));
  EXPECT_THAT(Parsed("{} | json | a == \"5\""), HasSubstr("texts take ="));
  EXPECT_THAT(Parsed("{} | json | a >"), HasSubstr("expected a number"));
  EXPECT_THAT(Parsed("{} | json | a > 5x"), HasSubstr("\"5x\" is no number, duration"));
  EXPECT_THAT(Parsed("{} | json | a =~ 5"), HasSubstr("expected a text in double quotes"));
  EXPECT_THAT(Parsed("{} | json | a = ip(\"10.0.0.0/33\")"), HasSubstr("is no network"));
  EXPECT_THAT(Parsed("{} | json | a =~ ip(\"10.0.0.0/8\")"), HasSubstr("ip() is compared with = or !="));
  EXPECT_THAT(Parsed("{} | json | a=\"1\" or"), HasSubstr("is missing here, at column 21"));
  EXPECT_THAT(Parsed("{} | json | (a=\"1\""), HasSubstr("this '(' is never closed, at column 13"));
  EXPECT_THAT(Parsed("{} | json | user.id=\"1\""), HasSubstr("the field a.b is a_b, at column 17"));
  EXPECT_THAT(Parsed("{} | jason"), HasSubstr("\"jason\" is no stage"));
}

std::string Metric(std::string_view text) {
  const auto query = ParseQuery(text, {.grid = {0, 0, 1}});
  if (!query.ok()) return "error: " + std::string(query.status().message());
  const std::string printed = plan::ToString(query->plan);
  const auto again = plan::Parse(printed);
  EXPECT_TRUE(again.ok()) << again.status() << printed;
  EXPECT_TRUE(again.ok() && plan::Equal(query->plan, *again)) << printed;
  return printed;
}

TEST(LogqlTest, MetricQueriesBecomePlansThatPrint) {  // REQ Q-01, Q-05
  EXPECT_THAT(
      Metric(
          R"(sum by (a) (rate({app="x"} | logfmt | unwrap duration(took) | __error__="" [5m] offset 1h)))"),
      HasSubstr("unwrap \"took\" as duration"));
  EXPECT_THAT(Metric("rate({}[5m])"), HasSubstr("range rate over \"5m\""));
  EXPECT_THAT(Metric("quantile_over_time(0.9, {} | unwrap a [1h]) by (b)"),
              HasSubstr("range quantile 0.9 over \"1h\""));
  EXPECT_THAT(Metric("topk(3, sum(rate({}[1m])) by (a)) / 2 > bool 1"), HasSubstr("scalar greater 1 bool"));
  EXPECT_THAT(Metric("rate({}[1m]) * on (a) group_left (b) rate({}[2m])"),
              HasSubstr("join multiply on (\"a\") group_left (\"b\")"));
  EXPECT_THAT(Metric("2 ^ 3 ^ 2 - 1 -1"), HasSubstr("constant 510"));
  EXPECT_THAT(Metric("label_replace(vector(1), \"a\", \"$1\", \"b\", \"(.*)\")"), HasSubstr("label_replace"));
}

TEST(LogqlTest, ErrorsOfMetricQueries) {  // REQ Q-01
  EXPECT_THAT(Metric("rate({})"), HasSubstr("expected a range such as [5m], at column 8"));
  EXPECT_THAT(Metric("rate({}[5])"), HasSubstr("expected a range such as 5m, at column 9"));
  EXPECT_THAT(Metric("rat({}[5m])"), HasSubstr("there is no function \"rat\""));
  EXPECT_THAT(Metric("sum_over_time({}[5m])"), HasSubstr("invalid aggregation sum_over_time without unwrap"));
  EXPECT_THAT(Metric("count_over_time({} | unwrap a [5m])"),
              HasSubstr("invalid aggregation count_over_time with unwrap"));
  EXPECT_THAT(Metric("rate({}[5m]) by (a)"), HasSubstr("grouping not allowed for rate aggregation"));
  EXPECT_THAT(Metric("topk(rate({}[5m]))"), HasSubstr("parameter required for operation topk"));
  EXPECT_THAT(Metric("topk(0, rate({}[5m]))"), HasSubstr("must be greater than 0"));
  EXPECT_THAT(Metric("sum(1)"), HasSubstr("works on a vector"));
  EXPECT_THAT(Metric("rate({}[5m]) and 1"),
              HasSubstr("unexpected literal for right side of logical/set binary operation (and)"));
  EXPECT_THAT(Metric("rate({}[5m]) + bool 1"), HasSubstr("bool modifier can only be used on comparison"));
  EXPECT_THAT(Metric("rate({}[5m]) +"), HasSubstr("expected a function, a number or '('"));
  EXPECT_THAT(Metric("rate({}[5m]"), HasSubstr("expected ')'"));
  EXPECT_THAT(Metric("(rate({}[5m])"), HasSubstr("this '(' is never closed, at column 1"));
  EXPECT_THAT(Metric("{}[5m]"), HasSubstr("a range belongs to a metric query"));
  EXPECT_THAT(Metric("1 + {}"), HasSubstr("a log query is no value"));
  EXPECT_THAT(Metric(std::string(100000, '(') + "1"), HasSubstr("nests deeper than 64"));
  EXPECT_THAT(Metric("1" + std::string(100000, '^')), HasSubstr("expected a function"));
  std::string many = "1";
  for (int i = 0; i < 10000; ++i) many += "^1";
  EXPECT_THAT(Metric(many), HasSubstr("nests deeper than 64"));
}

TEST(LogqlTest, FormatWritesOneSpace) {  // REQ Q-08
  EXPECT_EQ(*Format("sum  by(a)(rate({app=\"x\",b=~`y`}|json|c>5[5m]))/2"),
            "sum by(a) (rate({app=\"x\", b=~`y`} | json | c > 5 [5m])) / 2");
}

TEST(LogqlTest, SizeAndDepthAreBounded) {
  EXPECT_THAT(Parsed("{} | json | " + std::string(100000, '(')), HasSubstr("nest deeper than 32"));
  EXPECT_THAT(Parsed(std::string(100000, '(')), HasSubstr("begins with a stream selector"));
  EXPECT_THAT(Parsed("{} # " + std::string(kMaxQueryBytes, 'x')),
              HasSubstr("the query is longer than 131072 bytes"));
  std::string many = "{}";
  for (int i = 0; i < kMaxConditions; ++i) many += "|=\"a\"";
  EXPECT_TRUE(Parse(many).ok());
  EXPECT_THAT(Parsed(many + "|=\"a\""), HasSubstr("more than 128 conditions"));
  std::string deep = "{} | json | a=\"0\"";
  for (int i = 0; i < 60; ++i) deep += ", a=\"1\" or a=\"2\"";
  EXPECT_TRUE(Parse(deep).ok()) << Parsed(deep);
  std::string wide = "{} | json | a > 1";
  for (int i = 1; i < 80; ++i) wide += " or a > 1";
  EXPECT_TRUE(Parse(wide).ok());
  for (int i = 0; i < 40; ++i) wide += " | __error__=\"\"";
  EXPECT_THAT(Parsed(wide), HasSubstr("conditions on __error__"));
  std::string list = "{} | json | a=\"0\"";
  for (int i = 1; i < kMaxConditions; ++i) list += ", a=\"0\"";
  EXPECT_TRUE(Parse(list).ok()) << Parsed(list);
}

}  // namespace
}  // namespace taffrail::query::lang::logql
