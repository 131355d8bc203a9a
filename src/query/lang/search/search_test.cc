#include "query/lang/search/search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "expr/text.h"
#include "query/plan/text.h"

namespace taffrail::query::lang::search {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kNowNs = 1'700'000'000'000'000'000;

std::string Parsed(std::string_view text) {
  const auto plan = Parse(text, kNowNs);
  return plan.ok() ? expr::ToString(*plan->source.filter) : "error: " + std::string(plan.status().message());
}

TEST(SearchTest, Words) {  // REQ Q-04
  EXPECT_EQ(Parsed(""), "true");
  EXPECT_EQ(Parsed(" * "), "true");
  EXPECT_EQ(Parsed("timeout"), "phrase(any, \"timeout\")");
  EXPECT_EQ(Parsed("\"exact phrase\""), "phrase(any, \"exact phrase\")");
  EXPECT_EQ(Parsed("user@example.com"), "phrase(any, \"user@example.com\")");
  EXPECT_EQ(Parsed("=>"), "contains(any, \"=>\", ignore_case)");
  EXPECT_EQ(Parsed("a \\-b"), "and(phrase(any, \"a\"), phrase(any, \"-b\"))");
  EXPECT_THAT(Parsed("tim*"), HasSubstr("regex(any, "));
  EXPECT_EQ(Parsed("/a b/"), "and(phrase(any, \"/a\"), phrase(any, \"b/\"))");
  EXPECT_EQ(Parsed("/a\\sb/"), "regex(line, \"a\\\\sb\")");
}

TEST(SearchTest, Fields) {  // REQ Q-04
  EXPECT_EQ(Parsed("user.id:12345"), "equal(field(\"user.id\"), \"12345\")");
  EXPECT_EQ(Parsed("path:/health"), "equal(field(\"path\"), \"/health\")");
  EXPECT_EQ(Parsed("path:/api/v1/tasks"), "equal(field(\"path\"), \"/api/v1/tasks\")");
  EXPECT_EQ(Parsed("path:/^.api/"), "regex(field(\"path\"), \"^.api\")");
  EXPECT_EQ(Parsed("(path:/(a|b)\\/c/)"), "regex(field(\"path\"), \"(a|b)/c\")");
  EXPECT_EQ(Parsed("name:\"a \\\"b\\\" \\n\""), "equal(field(\"name\"), \"a \\\"b\\\" \\\\n\")");
  EXPECT_EQ(Parsed("path:/api/*"), "wildcard(field(\"path\"), \"/api/*\")");
  EXPECT_EQ(Parsed("a:b\\*c"), "equal(field(\"a\"), \"b*c\")");
  EXPECT_EQ(Parsed("a:b\\*c*"), "wildcard(field(\"a\"), \"b\\\\*c*\")");
  EXPECT_EQ(Parsed("a\\:b:c"), "equal(field(\"a:b\"), \"c\")");
  EXPECT_EQ(Parsed("user:*"), "exists(field(\"user\"))");
  EXPECT_EQ(Parsed("_exists_:user.id"), "exists(field(\"user.id\"))");
  EXPECT_EQ(Parsed("ip:10.0.0.0/8"), "in_network(field(\"ip\"), \"10.0.0.0/8\")");
  EXPECT_EQ(Parsed("ip:2001:db8::/32"), "in_network(field(\"ip\"), \"2001:db8::/32\")");
  EXPECT_EQ(Parsed("message:timeout"), "phrase(message, \"timeout\")");
  EXPECT_EQ(Parsed("a:(b OR \"c d\")"), "or(equal(field(\"a\"), \"b\"), equal(field(\"a\"), \"c d\"))");
  EXPECT_EQ(Parsed("a:(>1 -5)"), "and(greater(field(\"a\"), 1), not(equal(field(\"a\"), \"5\")))");
  EXPECT_EQ(Parsed("a:-5"), "equal(field(\"a\"), \"-5\")");
}

TEST(SearchTest, Levels) {  // REQ Q-04
  EXPECT_EQ(Parsed("level:ERROR"), "equal(level, \"ERROR\")");
  EXPECT_EQ(Parsed("level:warn"), "equal(level, \"WARNING\")");
  EXPECT_EQ(Parsed("level:>=warning"), "in(level, [\"WARNING\", \"ERROR\", \"CRITICAL\"])");
  EXPECT_EQ(Parsed("level:warn*"), "wildcard(level, \"warn*\", ignore_case)");
  EXPECT_EQ(Parsed("level:odd"), "equal(level, \"odd\", ignore_case)");
  EXPECT_THAT(Parsed("level:>odd"), HasSubstr("error: \"odd\" is no level"));
}

TEST(SearchTest, ComparisonsAndRanges) {  // REQ Q-06
  EXPECT_EQ(Parsed("took:>=10"), "greater_equal(field(\"took\"), 10)");
  EXPECT_EQ(Parsed("took:< -1.5"), "less(field(\"took\"), -1.5)");
  EXPECT_EQ(Parsed("took:>\"10\""), "greater(field(\"took\"), \"10\")");
  EXPECT_EQ(Parsed("day:>2025-10-01"), "greater(field(\"day\"), \"2025-10-01\")");
  EXPECT_EQ(Parsed("took:[10 TO 20}"), "and(greater_equal(field(\"took\"), 10), less(field(\"took\"), 20))");
  EXPECT_EQ(Parsed("took:{* TO 20]"), "less_equal(field(\"took\"), 20)");
  EXPECT_EQ(Parsed("took:[* TO *]"), "exists(field(\"took\"))");
  EXPECT_EQ(Parsed("timestamp:>=1970-01-01T00:00:01Z"), "greater_equal(timestamp, \"1000000000\")");
  EXPECT_EQ(Parsed("timestamp:[-1h TO now]"),
            "and(greater_equal(timestamp, \"1699996400000000000\"), less_equal(timestamp, "
            "\"1700000000000000000\"))");
  EXPECT_EQ(Parsed("timestamp:1970-01-02"),
            "and(greater_equal(timestamp, \"86400000000000\"), less(timestamp, \"172800000000000\"))");
}

TEST(SearchTest, BooleanOperators) {  // REQ Q-04
  EXPECT_EQ(Parsed("a b OR c"), "or(and(phrase(any, \"a\"), phrase(any, \"b\")), phrase(any, \"c\"))");
  EXPECT_EQ(Parsed("a AND (b || c) && NOT d"),
            "and(phrase(any, \"a\"), or(phrase(any, \"b\"), phrase(any, \"c\")), not(phrase(any, \"d\")))");
  EXPECT_EQ(Parsed("-(a b)"), "not(and(phrase(any, \"a\"), phrase(any, \"b\")))");
  EXPECT_EQ(Parsed("!a:b"), "not(equal(field(\"a\"), \"b\"))");
  EXPECT_EQ(Parsed("or and"), "and(phrase(any, \"or\"), phrase(any, \"and\"))");
  EXPECT_EQ(Parsed("level:ERROR user.id:12345 -path:/health \"exact phrase\""),
            "and(equal(level, \"ERROR\"), equal(field(\"user.id\"), \"12345\"), "
            "not(equal(field(\"path\"), \"/health\")), phrase(any, \"exact phrase\"))");
}

std::string Stages(std::string_view text) {
  const auto plan = Parse(text, kNowNs);
  return plan.ok() ? plan::ToString(*plan) : "error: " + std::string(plan.status().message());
}

TEST(SearchTest, StagesFollowTheConditions) {  // REQ Q-04
  EXPECT_EQ(Stages("| count"), "source\naggregate \"count\" = count()\n");
  EXPECT_EQ(Stages("level:ERROR | count() by user.id, time(5m), level | sort -count, user.id | limit 10"),
            "source filter equal(level, \"ERROR\")\n"
            "aggregate \"count\" = count() by \"user.id\" = field(\"user.id\"), \"time\" = bucket(\"5m\"), "
            "\"level\" = level\n"
            "sort field(\"count\") descending, field(\"user.id\")\nlimit 10\n");
  EXPECT_EQ(Stages("* | stats p95(took), count(), avg(took) as mean by \"odd name\" | where mean:>5"),
            "source\naggregate \"p95(took)\" = quantile(0.95, field(\"took\")), \"count\" = count(), "
            "\"mean\" = avg(field(\"took\")) by \"odd name\" = field(\"odd name\")\n"
            "filter greater(field(\"mean\"), 5)\n");
}

TEST(SearchTest, StagesKnowTheirColumns) {
  EXPECT_EQ(Stages("a | fields timestamp as t, message,level|where level:warn -t:* |sort t desc,level asc"),
            "source filter phrase(any, \"a\")\n"
            "project \"t\" = timestamp, \"message\" = message, \"level\" = level\n"
            "filter and(equal(field(\"level\"), \"warn\"), not(exists(field(\"t\"))))\n"
            "sort field(\"t\") descending, field(\"level\")\n");
  EXPECT_THAT(Stages("* | count by path | sort user"), HasSubstr("there is no column field(\"user\")"));
  EXPECT_THAT(Stages("* | count by path | where x"), HasSubstr("the columns are path, count, at column 19"));
  EXPECT_THAT(Stages("* | fields a, a"), HasSubstr("two columns are named \"a\""));
  EXPECT_THAT(Stages("* | frobnicate"), HasSubstr("expected a stage: where, fields"));
  EXPECT_THAT(Stages("* | stats median(x)"), HasSubstr("there is no function \"median\""));
  EXPECT_THAT(Stages("* | stats sum()"), HasSubstr("needs a field"));
  EXPECT_THAT(Stages("* | count by time(soon)"), HasSubstr("time(5m)"));
  EXPECT_THAT(Stages("* | limit many"), HasSubstr("expected a number of rows"));
  EXPECT_THAT(Stages("* | limit 5 6"), HasSubstr("expected '|' and another stage"));
  EXPECT_THAT(Stages("(a | count)"), HasSubstr("never closed"));
  EXPECT_THAT(Stages("a || b"), HasSubstr("or(phrase"));
}

TEST(SearchTest, MonitorsOfOtherSystems) {  // REQ Q-04
  EXPECT_EQ(Parsed("logs(\"level:CRITICAL\")"), Parsed("level:CRITICAL"));
  EXPECT_EQ(Parsed("a logs(\"b \\\"c d\\\" OR e\") f"), Parsed("a (b \"c d\" OR e) f"));
  EXPECT_EQ(Parsed("logs(\"\")"), "true");
  EXPECT_THAT(Parsed("logs(\"level:\")"), HasSubstr("a value is missing"));
  EXPECT_THAT(Parsed("logs(\"a\""), HasSubstr("never closed by ')', at column 1"));
  EXPECT_THAT(Parsed("logs(\"a | count\")"), HasSubstr("takes conditions alone, at column 3"));
  EXPECT_THAT(Parsed("logs(x)"), HasSubstr("quote the text"));
}

TEST(SearchTest, ErrorsSayWhereAndWhatToDo) {  // REQ Q-04
  EXPECT_THAT(Parsed("level:"),
              HasSubstr("a value is missing after \"level:\"; \"level:*\" asks for any, at column 7"));
  EXPECT_THAT(Parsed("(a OR b"), HasSubstr("this '(' is never closed, at column 1"));
  EXPECT_THAT(Parsed("a \xff*"), HasSubstr("must be valid UTF-8, at column 3"));
  EXPECT_THAT(Parsed("a)"), HasSubstr("closes nothing; quote it or remove it, at column 2"));
  EXPECT_THAT(Parsed("a OR"), HasSubstr("missing here, at column 5"));
  EXPECT_THAT(Parsed("OR a"), HasSubstr("quote it, at column 1"));
  EXPECT_THAT(Parsed("\"abc"), HasSubstr("never closed, at column 1"));
  EXPECT_THAT(Parsed("a:[1 TO"), HasSubstr("missing"));
  EXPECT_THAT(Parsed("a:[1 2]"), HasSubstr("[low TO high]"));
  EXPECT_THAT(Parsed("a:[1 TO 2"), HasSubstr("never closed"));
  EXPECT_THAT(Parsed("f(x)"), HasSubstr("quote the text, at column 2"));
  EXPECT_THAT(Parsed("a:/[/"), HasSubstr("bad regular expression"));
  EXPECT_THAT(Parsed("timestamp:soon"), HasSubstr("at column 11"));
  EXPECT_THAT(Parsed(std::string(10000, '(')), HasSubstr("nest deeper"));
}

}  // namespace
}  // namespace taffrail::query::lang::search
