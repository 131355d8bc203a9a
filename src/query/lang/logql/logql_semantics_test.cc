// What queries find in small batches. (tests/query asks through the executor.)
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "expr/matcher.h"
#include "query/lang/logql/logql.h"
#include "record/batch_builder.h"

namespace taffrail::query::lang::logql {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<record::RecordBatch> Batches() {
  std::vector<record::RecordBatch> batches;
  record::BatchBuilder builder;
  builder.SetStream({{"app", "api"}, {"env", "prod"}});
  builder.Append(
      R"({"status":500,"took":"1.5s","size":"20KB","ip":"10.1.2.3","ctx":{"id":"r1"},"app":"inner"})", 0,
      R"({"trace":"t1"})");
  builder.Append(R"({"status":"200","took":"15ms","size":"1MB","ip":"192.168.0.1","env":"inner"})", 1);
  builder.SetStream({{"app", "web"}});
  builder.Append(R"({"status":"n/a","took":5,"msg":"time out"})", 2);
  batches.push_back(builder.Finish());
  builder.SetStream({{"app", "web"}});
  builder.Append("plain text ERROR\nsecond line", 3);
  builder.Append(R"({"msg":"error","tags":["a"]})", 4);
  builder.SetStream({});
  builder.Append(R"({"app":"api","msg":"no labels"})", 5);
  builder.Append(R"(["api"])", 6);
  batches.push_back(builder.Finish());
  return batches;
}

// The timestamps of what is found, which number the records.
std::vector<int64_t> Rows(std::string_view text) {
  const auto plan = Parse(text);
  EXPECT_TRUE(plan.ok()) << text << ": " << plan.status();
  if (!plan.ok()) return {};
  EXPECT_TRUE(plan->stages.empty());
  const auto matcher = expr::Matcher::Compile(plan->source.filter);
  EXPECT_TRUE(matcher.ok()) << matcher.status();
  std::vector<int64_t> numbers;
  for (const record::RecordBatch& batch : Batches()) {
    expr::Selection rows;
    (*matcher)->Evaluate(batch, rows);
    for (const uint32_t row : rows) numbers.push_back(batch.timestamp_ns[row]);
  }
  return numbers;
}

TEST(LogqlSemanticsTest, SelectorsLookAtStreamLabelsOnly) {  // REQ Q-01
  EXPECT_THAT(Rows("{}"), ElementsAre(0, 1, 2, 3, 4, 5, 6));
  EXPECT_THAT(Rows(R"({app="api"})"), ElementsAre(0, 1));
  EXPECT_THAT(Rows(R"({app!="api"})"), ElementsAre(2, 3, 4, 5, 6));
  EXPECT_THAT(Rows(R"({env=""})"), ElementsAre(2, 3, 4, 5, 6));
  EXPECT_THAT(Rows(R"({app=""})"), ElementsAre(5, 6));
  EXPECT_THAT(Rows(R"({app=~"w.*", env!="prod"})"), ElementsAre(2, 3, 4));
  EXPECT_THAT(Rows(R"({app=~"w"})"), IsEmpty());  // anchored
  EXPECT_THAT(Rows(R"({app!~"api|"})"), ElementsAre(2, 3, 4));
  EXPECT_THAT(Rows(R"({trace="t1"})"), IsEmpty());  // structured metadata is no stream label
  EXPECT_THAT(Rows(R"({} | trace="t1")"), ElementsAre(0));
}

TEST(LogqlSemanticsTest, LineFilters) {  // REQ Q-01
  EXPECT_THAT(Rows(R"({} |= "ERROR")"), ElementsAre(3));
  EXPECT_THAT(Rows(R"({} |~ "(?i)error")"), ElementsAre(3, 4));
  EXPECT_THAT(Rows(R"({} |= "ERROR" or `"msg":"error"`)"), ElementsAre(3, 4));
  EXPECT_THAT(Rows(R"({} != "status" or "ERROR")"), ElementsAre(4, 5, 6));
  EXPECT_THAT(Rows(R"({} !~ "status|ERR.R")"), ElementsAre(4, 5, 6));
  EXPECT_THAT(Rows(R"({} |~ `"took":"1\.\ds`)"), ElementsAre(0));
  EXPECT_THAT(Rows(R"({} |~ "ERROR.second")"), ElementsAre(3));  // '.' matches line ends
  EXPECT_THAT(Rows(R"({} |= "")"), ElementsAre(0, 1, 2, 3, 4, 5, 6));
  EXPECT_THAT(Rows(R"({} != "")"), IsEmpty());
}

TEST(LogqlSemanticsTest, JsonMakesLabelsOfFields) {  // REQ Q-01 Q-06
  EXPECT_THAT(Rows(R"({} | ctx_id="r1")"), IsEmpty());
  EXPECT_THAT(Rows(R"({} | json | ctx_id="r1")"), ElementsAre(0));
  EXPECT_THAT(Rows(R"({} | json | app="api")"), ElementsAre(0, 1, 5));
  EXPECT_THAT(Rows(R"({} | json | app_extracted="inner")"), ElementsAre(0));
  EXPECT_THAT(Rows(R"({} | json | env="inner")"), IsEmpty());
  EXPECT_THAT(Rows(R"({} | json | msg="")"), ElementsAre(0, 1, 3, 6));
  EXPECT_THAT(Rows(R"({} | json | msg!="error")"), ElementsAre(0, 1, 2, 3, 5, 6));
  EXPECT_THAT(Rows(R"({} | json | msg=~"e.*" or status="200")"), ElementsAre(1, 4));
  EXPECT_THAT(Rows(R"({} | json | msg=~"err")"), IsEmpty());  // anchored
  EXPECT_THAT(Rows(R"({} | json | tags!="")"), IsEmpty());    // arrays are skipped
}

TEST(LogqlSemanticsTest, ComparisonsConvertTheLabel) {  // REQ Q-01 Q-06
  // Row 2 has the status "n/a", which passes with an error; rows 4 and 5 have none, and 3 and 6 an error
  // before.
  EXPECT_THAT(Rows("{} | json | status >= 500"), ElementsAre(0, 2, 3, 6));
  EXPECT_THAT(Rows("{} | json | status < 500"), ElementsAre(1, 2, 3, 6));
  EXPECT_THAT(Rows(R"({} | json | status == 200 | __error__="")"), ElementsAre(1));
  EXPECT_THAT(Rows(R"({} | json | status = 500.0 | __error__="")"), ElementsAre(0));
  EXPECT_THAT(Rows(R"({} | json | status != 200 | __error__="")"), ElementsAre(0));
  EXPECT_THAT(Rows(R"({} | json | took > 1s | __error__="")"), ElementsAre(0));
  EXPECT_THAT(Rows(R"({} | json | took <= 15ms | __error__="")"), ElementsAre(1));
  EXPECT_THAT(Rows("{} | json | took > 1s"), ElementsAre(0, 2, 3, 6));  // 5 is no duration
  EXPECT_THAT(Rows("{} | json | size >= 20KB and size < 1MiB"), ElementsAre(0, 1, 3, 6));
  EXPECT_THAT(Rows("{} | json | size > 20KB, size < 1.5MB"), ElementsAre(1, 3, 6));
  EXPECT_THAT(Rows("{} | status >= 500"), IsEmpty());  // no labels before | json
}

TEST(LogqlSemanticsTest, ErrorsStayUntilTheyAreFiltered) {  // REQ Q-01
  EXPECT_THAT(Rows("{} | json"), ElementsAre(0, 1, 2, 3, 4, 5, 6));
  EXPECT_THAT(Rows(R"({} | json | __error__="")"), ElementsAre(0, 1, 2, 4, 5));
  EXPECT_THAT(Rows(R"({} | json | __error__!="")"), ElementsAre(3, 6));
  EXPECT_THAT(Rows(R"({} | json | __error__="JSONParserErr")"), ElementsAre(3, 6));
  EXPECT_THAT(Rows(R"({} | json | status > 0 | __error__="LabelFilterErr")"), ElementsAre(2));
  EXPECT_THAT(Rows(R"({} | json | status > 0 | __error__=~"JSON.*|")"), ElementsAre(0, 1, 3, 6));
  // What was not looked at did not fail: row 2 passes by its text.
  EXPECT_THAT(Rows(R"({} | json | msg="time out" or status > 0 | __error__="")"), ElementsAre(0, 1, 2));
  EXPECT_THAT(Rows(R"({} | json | status > 0 or msg="time out" | __error__="")"), ElementsAre(0, 1));
}

TEST(LogqlSemanticsTest, Networks) {  // REQ Q-06
  EXPECT_THAT(Rows(R"({} | json | __error__="" | ip = ip("10.0.0.0/8"))"), ElementsAre(0));
  EXPECT_THAT(Rows(R"({} | json | __error__="" | ip != ip("10.0.0.0/8"))"), ElementsAre(1));
  EXPECT_THAT(Rows(R"({} | json | __error__="" | ip = ip("192.168.0.0-192.168.0.9"))"), ElementsAre(1));
  EXPECT_THAT(Rows(R"({} | json | ip = ip("10.0.0.0/8"))"), ElementsAre(0, 3, 6));  // errors pass
}

}  // namespace
}  // namespace taffrail::query::lang::logql
