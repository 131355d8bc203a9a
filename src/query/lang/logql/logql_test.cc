#include "query/lang/logql/logql.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "expr/matcher.h"
#include "expr/text.h"
#include "record/batch_builder.h"

namespace taffrail::query::lang::logql {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string Parsed(std::string_view text) {
  const auto plan = Parse(text);
  return plan.ok() ? expr::ToString(*plan->source.filter) : "error: " + std::string(plan.status().message());
}

expr::Selection Matches(const record::RecordBatch& batch, std::string_view text) {
  const auto plan = Parse(text);
  EXPECT_TRUE(plan.ok()) << text << ": " << plan.status();
  expr::Selection rows;
  if (plan.ok()) (*expr::Matcher::Compile(plan->source.filter))->Evaluate(batch, rows);
  return rows;
}

record::RecordBatch Batch() {
  record::BatchBuilder builder;
  builder.SetStream({{"app", "api"}, {"env", "prod"}});
  builder.Append(
      R"({"status":500,"took":"1.5s","size":"20KB","ip":"10.1.2.3","ctx":{"id":"r1"},"app":"inner"})", 0,
      R"({"trace":"t1"})");
  builder.Append(R"({"status":"200","took":"15ms","size":"1MB","ip":"192.168.0.1","env":"inner"})", 1);
  builder.SetStream({{"app", "web"}});
  builder.Append(R"({"status":"n/a","took":5,"msg":"time out"})", 2);
  builder.Append("plain text ERROR", 3);
  builder.Append(R"({"msg":"error","tags":["a"]})", 4);
  return builder.Finish();
}

TEST(LogqlTest, StreamSelectors) {  // REQ Q-01
  EXPECT_EQ(Parsed("{}"), "true");
  EXPECT_EQ(Parsed("{app=\"api\"}"), "equal(stream(\"app\"), \"api\", missing_is_empty)");
  EXPECT_EQ(Parsed("{ app =~ `a|b` , env!=\"\", }"),
            "and(regex(stream(\"app\"), \"a|b\", anchored, missing_is_empty), "
            "not(equal(stream(\"env\"), \"\", missing_is_empty)))");
  const auto batch = Batch();
  EXPECT_THAT(Matches(batch, "{app=\"api\"}"), ElementsAre(0, 1));
  EXPECT_THAT(Matches(batch, "{app!=\"api\"}"), ElementsAre(2, 3, 4));
  EXPECT_THAT(Matches(batch, "{env=\"\"}"), ElementsAre(2, 3, 4));
  EXPECT_THAT(Matches(batch, "{app=~\"w.*\"}"), ElementsAre(2, 3, 4));
  EXPECT_THAT(Matches(batch, "{app=~\"w\"}"), IsEmpty());
  EXPECT_THAT(Matches(batch, "{trace=\"t1\"}"), IsEmpty());  // structured metadata is no stream label
}

TEST(LogqlTest, LineFilters) {  // REQ Q-01
  const auto batch = Batch();
  EXPECT_THAT(Matches(batch, "{} |= \"ERROR\""), ElementsAre(3));
  EXPECT_THAT(Matches(batch, "{} |~ \"(?i)error\""), ElementsAre(3, 4));
  EXPECT_THAT(Matches(batch, "{} |= \"ERROR\" or `\"msg\":\"error\"`"), ElementsAre(3, 4));
  EXPECT_THAT(Matches(batch, "{} != \"status\" or \"ERROR\""), ElementsAre(4));
  EXPECT_THAT(Matches(batch, "{} !~ \"status|ERR.R\""), ElementsAre(4));
  EXPECT_THAT(Matches(batch, "{} |~ `\"took\":\"1\\.\\ds`  # comment"), ElementsAre(0));
  EXPECT_THAT(Matches(batch, "{} |= \"\""), ElementsAre(0, 1, 2, 3, 4));
  EXPECT_EQ(Parsed("{} |~ \"(?i)error|warn\""),
            "or(contains(line, \"error\", ignore_case), contains(line, \"warn\", ignore_case))");
  EXPECT_EQ(Parsed("{} |~ \"(?i)task\""), "regex(line, \"(?i)task\")");
}

TEST(LogqlTest, JsonAndLabelFilters) {  // REQ Q-01
  const auto batch = Batch();
  EXPECT_THAT(Matches(batch, "{} | trace=\"t1\""), ElementsAre(0));
  EXPECT_THAT(Matches(batch, "{} | ctx_id=\"r1\""), IsEmpty());
  EXPECT_THAT(Matches(batch, "{} | json | ctx_id=\"r1\""), ElementsAre(0));
  EXPECT_THAT(Matches(batch, "{} | json | app=\"api\""), ElementsAre(0, 1));
  EXPECT_THAT(Matches(batch, "{} | json | app_extracted=\"inner\""), ElementsAre(0));
  EXPECT_THAT(Matches(batch, "{} | json | msg=\"\""), ElementsAre(0, 1, 3));
  EXPECT_THAT(Matches(batch, "{} | json | msg!=\"error\""), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(Matches(batch, "{} | json | msg=~\"e.*\" or status=\"200\""), ElementsAre(1, 4));
  EXPECT_THAT(Matches(batch, "{} | json | tags=\"\""), ElementsAre(0, 1, 2, 3, 4));  // arrays are skipped
  EXPECT_THAT(Matches(batch, "{} | json id=\"ctx.id\", m=\"msg\" | id=\"r1\" or m=\"error\""),
              ElementsAre(0, 4));
  EXPECT_THAT(Matches(batch, "{} | json id=`[\"ctx\"][\"id\"]` | id=\"r1\""), ElementsAre(0));
  EXPECT_THAT(Matches(batch, "{} | json app=\"app\" | app=\"inner\""),
              IsEmpty());  // the stream label keeps its name
  EXPECT_THAT(Matches(batch, "{} | json | drop msg | msg=\"error\""), IsEmpty());
  EXPECT_THAT(Matches(batch, "{} | json | keep msg | status=\"\", msg=\"error\""), ElementsAre(4));
}

TEST(LogqlTest, NumbersDurationsSizesAddresses) {  // REQ Q-01
  const auto batch = Batch();
  // Rows 2 ("n/a") and 3 (no JSON) have errors, and pass as in Loki; row 4 has no status.
  EXPECT_THAT(Matches(batch, "{} | json | status >= 500"), ElementsAre(0, 2, 3));
  EXPECT_THAT(Matches(batch, "{} | json | status == 200 | __error__=\"\""), ElementsAre(1));
  EXPECT_THAT(Matches(batch, "{} | json | status != 200 | __error__=\"\""), ElementsAre(0));
  EXPECT_THAT(Matches(batch, "{} | json | status > 0 | __error__=\"LabelFilterErr\""), ElementsAre(2));
  EXPECT_THAT(Matches(batch, "{} | json | status > 0 | __error__=~\"JSON.*\""), ElementsAre(3));
  EXPECT_THAT(Matches(batch, "{} | json | __error__!=\"\""), ElementsAre(3));
  EXPECT_THAT(Matches(batch, "{} | json | __error__=\"\" | took > 1s"),
              ElementsAre(0, 2));  // 5 is no duration
  EXPECT_THAT(Matches(batch, "{} | json | took < 1s | __error__=\"\""), ElementsAre(1));
  EXPECT_THAT(Matches(batch, "{} | json | size >= 20KB and size < 1MB | __error__=\"\""), ElementsAre(0));
  EXPECT_THAT(Matches(batch, "{} | json | __error__=\"\" | ip = ip(\"10.0.0.0/8\")"), ElementsAre(0));
  EXPECT_THAT(Matches(batch, "{} | json | __error__=\"\" | ip != ip(\"10.0.0.1-10.255.0.0\")"),
              ElementsAre(1));
  EXPECT_THAT(Matches(batch, "{app=\"api\"} | json | status >= 500 or (took < 20ms and size > 1KB)"),
              ElementsAre(0, 1));
  EXPECT_THAT(Matches(batch, "{app=\"api\"} | json | status >= 500 took > 1s, size > 1"), ElementsAre(0));
}

TEST(LogqlTest, ErrorsNameWhatIsMissing) {  // REQ Q-01
  EXPECT_THAT(Parsed(""), HasSubstr("{} for all, at column 1"));
  EXPECT_THAT(Parsed("rate({}[5m])"), HasSubstr("metric queries are not supported yet"));
  EXPECT_THAT(Parsed("{} | logfmt"), HasSubstr("\"| logfmt\" is not supported yet"));
  EXPECT_THAT(Parsed("{} | line_format \"x\""), HasSubstr("\"| line_format\""));
  EXPECT_THAT(Parsed("{} |> \"<_>\""), HasSubstr("pattern filters"));
  EXPECT_THAT(Parsed("{} | foo"), HasSubstr("\"foo\" is no stage"));
  EXPECT_THAT(Parsed("{app}"), HasSubstr("expected =, !=, =~ or !~, at column 5"));
  EXPECT_THAT(Parsed("{app=\"a}"), HasSubstr("this quote is never closed, at column 6"));
  EXPECT_THAT(Parsed("{app=~\"(\"}"), HasSubstr("bad regular expression"));
  EXPECT_THAT(Parsed("{} |~ \"[\""), HasSubstr("at column 7"));
  EXPECT_THAT(Parsed("{} |= \"\\d\""), HasSubstr("backticks"));
  EXPECT_THAT(Parsed("{} | json | a > \"b\""), HasSubstr("expected a number"));
  EXPECT_THAT(Parsed("{} | json | a > 5x"), HasSubstr("\"5x\" is no number"));
  EXPECT_THAT(Parsed("{} | json | a = ip(\"x\")"), HasSubstr("\"x\" is no network"));
  EXPECT_THAT(Parsed("{} | json a=\"b[0]\""), HasSubstr("elements of arrays"));
  EXPECT_THAT(Parsed("{} ;"), HasSubstr("no meaning here"));
  EXPECT_THAT(Parsed("{} | json | " + std::string(10000, '(')), HasSubstr("nest deeper"));
  std::string many = "{} | json";
  for (int i = 0; i < 60; ++i) many += " | a > 1 or b < 2ms";
  EXPECT_THAT(Parsed(many), HasSubstr("comparisons with numbers"));
}

}  // namespace
}  // namespace taffrail::query::lang::logql
