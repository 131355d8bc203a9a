#include "query/plan/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace taffrail::query::plan {
namespace {

using ::testing::HasSubstr;

TEST(PlanTextTest, PrintsWhatItParses) {  // REQ Q-05
  for (const char* text : {
           "source\n",
           "source from \"2025-10-30T14:00:00.000000001Z\" to \"2025-10-31T00:00:00.000000000Z\" order "
           "descending "
           "filter equal(level, \"ERROR\")\nlimit 100 offset 20\n",
           "source order none filter true\nfilter greater(field(\"took\"), 1000)\n",
           "source\nproject \"timestamp\" = timestamp, \"line\" = line, \"a \\\"b\\\"\" = field(\"x.y\")\n"
           "sort field(\"timestamp\") descending, field(\"line\")\n",
           "source\naggregate \"count\" = count(), \"n\" = count(field(\"a\")), \"d\" = "
           "count_distinct(label(\"u\")), "
           "\"s\" = sum(field(\"a\")), \"avg\" = avg(logql(\"a\")), \"lo\" = min(field(\"a\")), \"hi\" = "
           "max(message), \"p95\" = quantile(0.95, field(\"a\")) by \"path\" = field(\"path\"), \"t\" = "
           "bucket(\"5m\")\nfilter greater(field(\"count\"), 10)\nsort field(\"p95\") descending\nlimit 5\n",
           "source\naggregate by \"level\" = level\n",
       }) {
    const auto plan = Parse(text);
    ASSERT_TRUE(plan.ok()) << text << "\n" << plan.status();
    EXPECT_EQ(ToString(*plan), text);
    EXPECT_TRUE(Equal(*plan, *Parse(ToString(*plan))));
  }
}

TEST(PlanTextTest, PlansDiffer) {
  const char* texts[] = {
      "source",
      "source order none",
      "source filter false",
      "source limit 1",
      "source limit 1 limit 1",
      "source filter true filter true",
      "source sort timestamp",
      "source sort timestamp descending",
      "source project \"a\" = line",
      "source project \"a\" = message",
      "source aggregate \"a\" = count()",
      "source aggregate \"a\" = count(line)",
      "source aggregate \"a\" = count() by \"b\" = line",
      "source aggregate \"a\" = count() by \"b\" = bucket(\"1m\")",
  };
  for (const char* a : texts) {
    for (const char* b : texts) EXPECT_EQ(Equal(*Parse(a), *Parse(b)), a == b) << a << " / " << b;
  }
}

TEST(PlanTextTest, ErrorsSayWhereAndWhat) {
  const auto error = [](std::string_view text) { return std::string(Parse(text).status().message()); };
  EXPECT_THAT(error("sauce"), HasSubstr("begins with \"source\", at column 1"));
  EXPECT_THAT(error("source\nsort"), HasSubstr("expected a field, at line 2, column 5"));
  EXPECT_THAT(error("source\nlimit -1"), HasSubstr("not negative, at line 2, column 7"));
  EXPECT_THAT(error("source from \"today\""), HasSubstr("expected a time"));
  EXPECT_THAT(error("source aggregate \"a\" = sum()"), HasSubstr("\"a\" needs a field"));
  EXPECT_THAT(error("source aggregate \"a\" = quantile(2, line)"), HasSubstr("between 0 and 1"));
  EXPECT_THAT(error("source aggregate \"a\" = count() by \"t\" = bucket(\"0s\")"), HasSubstr("duration"));
  EXPECT_THAT(error("source project \"a\" = line sort field(\"b\")"), HasSubstr("no column field(\"b\")"));
  EXPECT_THAT(error("source project \"a\" = line filter phrase(any, \"x\")"), HasSubstr("the columns are a"));
  EXPECT_THAT(error("source project \"a\" = line, \"a\" = message"), HasSubstr("two columns"));
  EXPECT_THAT(error("source aggregate"), HasSubstr("a table has"));
}

}  // namespace
}  // namespace taffrail::query::plan
