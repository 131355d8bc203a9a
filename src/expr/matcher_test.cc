#include "expr/matcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "expr/text.h"
#include "record/batch_builder.h"

namespace taffrail::expr {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::shared_ptr<const Matcher> Compiled(std::string_view text) {
  const auto expr = Parse(text);
  EXPECT_TRUE(expr.ok()) << text << ": " << expr.status();
  auto matcher = Matcher::Compile(*expr);
  EXPECT_TRUE(matcher.ok()) << matcher.status();
  return *matcher;
}

Selection Matches(const record::RecordBatch& batch, std::string_view text) {
  Selection rows;
  Compiled(text)->Evaluate(batch, rows);
  return rows;
}

record::RecordBatch Build(const std::vector<std::string>& lines) {
  record::BatchBuilder builder;
  int64_t time_ns = 0;
  for (const std::string& line : lines) builder.Append(line, time_ns++);
  return builder.Finish();
}

TEST(MatcherTest, EqualComparesTextsAndNumbers) {  // REQ Q-06
  const auto batch = Build({
      R"({"a":"200"})",        // 0
      R"({"a":200})",          // 1
      R"({"a":200.0})",        // 2
      R"({"a":2e2})",          // 3
      R"({"a":"200.0"})",      // 4
      R"({"a":[200]})",        // 5
      R"({"b":200})",          // 6
      R"({"a":-200})",         // 7
      R"({"a":true})",         // 8
      R"({"a":null})",         // 9
      R"({"a":"T\u0072ue"})",  // 10
      R"({"a":{"c":1}})",      // 11
      R"({"a":{}})",           // 12
      "200",                   // 13
  });
  EXPECT_THAT(Matches(batch, R"(equal(field("a"), "200"))"), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(Matches(batch, R"(equal(field("a"), "200.0"))"), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(Matches(batch, R"(equal(field("a"), "-2.00e2"))"), ElementsAre(7));
  EXPECT_THAT(Matches(batch, R"(equal(field("a"), "[200]"))"), ElementsAre(5));
  EXPECT_THAT(Matches(batch, R"(equal(field("a"), "true", ignore_case))"), ElementsAre(8, 10));
  EXPECT_THAT(Matches(batch, R"(equal(field("a"), ""))"), ElementsAre(9));
  EXPECT_THAT(Matches(batch, R"(equal(field("a.c"), "1"))"), ElementsAre(11));
  EXPECT_THAT(Matches(batch, R"(in(field("a"), ["true", "-200"]))"), ElementsAre(7, 8));
  EXPECT_THAT(Matches(batch, R"(exists(field("a")))"), ElementsAre(0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12));
  EXPECT_THAT(Matches(batch, R"(equal(field("a"), "", missing_is_empty))"), ElementsAre(6, 9, 11, 13));
  EXPECT_THAT(Matches(batch, R"(not(exists(field("a"))))"), ElementsAre(6, 13));
  EXPECT_THAT(Matches(batch, R"(equal(message, "200"))"), ElementsAre(13));
}

TEST(MatcherTest, OrderComparesNumbersWithoutLosingDigits) {  // REQ Q-06
  const auto batch = Build({
      R"({"a":0.1})",
      R"({"a":0.10})",
      R"({"a":1})",
      R"({"a":9007199254740993})",
      R"({"a":"5"})",
      R"({"a":1e300})",
      R"({"a":-3.5})",
      R"({"a":null})",
  });
  EXPECT_THAT(Matches(batch, R"(greater_equal(field("a"), 0.1))"), ElementsAre(0, 1, 2, 3, 5));
  EXPECT_THAT(Matches(batch, R"(greater(field("a"), 0.1))"), ElementsAre(2, 3, 5));
  EXPECT_THAT(Matches(batch, R"(less(field("a"), 0.1))"), ElementsAre(6));
  EXPECT_THAT(Matches(batch, R"(less_equal(field("a"), 1))"), ElementsAre(0, 1, 2, 6));
  EXPECT_THAT(Matches(batch, R"(greater(field("a"), 1e299))"), ElementsAre(5));
  EXPECT_THAT(Matches(batch, R"(greater_equal(field("a"), "5"))"), ElementsAre(3, 4));
  EXPECT_THAT(Matches(batch, R"(less(field("a"), nan))"), IsEmpty());
}

TEST(MatcherTest, TextConditions) {  // REQ Q-06
  const auto batch = Build({
      R"({"a":"GET /api/v1/tasks","ip":"10.1.2.3"})",
      R"({"a":"get /API","ip":"::ffff:10.9.9.9"})",
      R"({"a":"aGET","ip":"2001:db8::1"})",
      R"({"a":"/a","b":"pi/v1","ip":"10.1.2"})",
      R"({"a":15.25})",
  });
  EXPECT_THAT(Matches(batch, R"(contains(field("a"), "/api"))"), ElementsAre(0));
  EXPECT_THAT(Matches(batch, R"(contains(field("a"), "/API", ignore_case))"), ElementsAre(0, 1));
  EXPECT_THAT(Matches(batch, R"(contains(field("a"), "5.2"))"), ElementsAre(4));
  EXPECT_THAT(Matches(batch, R"(contains(field("a"), ""))"), ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(Matches(batch, R"(regex(field("a"), "GET$"))"), ElementsAre(2));
  EXPECT_THAT(Matches(batch, R"(regex(field("a"), "get.*", anchored, ignore_case))"), ElementsAre(0, 1));
  EXPECT_THAT(Matches(batch, R"(phrase(field("a"), "get api"))"), ElementsAre(0, 1));
  EXPECT_THAT(Matches(batch, R"(wildcard(field("a"), "?et*", ignore_case))"), ElementsAre(0, 1));
  EXPECT_THAT(Matches(batch, R"(in_network(field("ip"), "10.0.0.0/8"))"), ElementsAre(0, 1));
  EXPECT_THAT(Matches(batch, R"(in_network(field("ip"), "2001:db8::/32"))"), ElementsAre(2));
  EXPECT_THAT(Matches(batch, R"(in_network(field("ip"), "10.1.2.1-10.1.2.3"))"), ElementsAre(0));
}

TEST(MatcherTest, AnyLooksAtValuesNotKeys) {  // REQ Q-04
  record::BatchBuilder builder;
  builder.Append(R"({"error":"none","n":404})", 0);
  builder.Append(R"({"m":"An ERROR came","n":-404})", 1);
  builder.Append(R"({"m":["error"],"n":1.404})", 2);
  builder.Append("plain error 404", 3);
  builder.Append(R"({"m":"x"})", 4, R"({"why":"error"})");
  builder.SetStream({{"app", "error-service"}});
  builder.Append(R"({"m":"x","ok":true,"z":null})", 5);
  const auto batch = builder.Finish();
  EXPECT_THAT(Matches(batch, R"(phrase(any, "error"))"), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(Matches(batch, R"(phrase(any, "404"))"), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(Matches(batch, R"(phrase(any, "true"))"), ElementsAre(5));
  EXPECT_THAT(Matches(batch, R"(phrase(any, "null"))"), IsEmpty());
  EXPECT_THAT(Matches(batch, R"(not(phrase(any, "error")))"), ElementsAre(0));
}

TEST(MatcherTest, LevelIsWhatItMeans) {  // REQ L-02
  const auto batch = Build({R"({"level":"warn"})", R"({"severity":"WARNING"})",
                            R"({"log":{"level":"Error"}})", R"({"level":30})", R"({"x":1})"});
  EXPECT_THAT(Matches(batch, R"(equal(level, "WARNING"))"), ElementsAre(0, 1, 3));
  EXPECT_THAT(Matches(batch, R"(equal(level, "ERROR"))"), ElementsAre(2));
}

TEST(MatcherTest, LabelsAndLogqlNames) {  // REQ Q-01
  record::BatchBuilder builder;
  builder.SetStream({{"app", "api"}, {"env", "prod"}});
  builder.Append(R"({"app":"line","ctx":{"id":"r1"},"a-b":1,"t":[1],"n":null})", 0, R"({"trace":"t1"})");
  builder.SetStream({{"app", "web"}});
  builder.Append(R"({"env":"line","ctx":{"id":"r2"},"took":"1.5s","size":"20KB","9x":200.0})", 1);
  builder.Append("text", 2);
  const auto batch = builder.Finish();
  EXPECT_THAT(Matches(batch, R"(equal(label("app"), "api"))"), ElementsAre(0));
  EXPECT_THAT(Matches(batch, R"(equal(label("env"), "", missing_is_empty))"), ElementsAre(1, 2));
  EXPECT_THAT(Matches(batch, R"(equal(label("trace"), "t1"))"), ElementsAre(0));
  EXPECT_THAT(Matches(batch, R"(equal(label("ctx.id"), "r1"))"), IsEmpty());
  EXPECT_THAT(Matches(batch, R"(equal(field("app"), "line"))"), ElementsAre(0));
  EXPECT_THAT(Matches(batch, R"(equal(field("app"), "web"))"), ElementsAre(1, 2));
  EXPECT_THAT(Matches(batch, R"(equal(logql("app"), "api"))"), ElementsAre(0));
  EXPECT_THAT(Matches(batch, R"(equal(logql("app_extracted"), "line"))"), ElementsAre(0));
  EXPECT_THAT(Matches(batch, R"(equal(logql("env"), "line"))"), ElementsAre(1));
  EXPECT_THAT(Matches(batch, R"(exists(logql("env_extracted")))"), IsEmpty());
  EXPECT_THAT(Matches(batch, R"(equal(logql("ctx_id"), "r2"))"), ElementsAre(1));
  EXPECT_THAT(Matches(batch, R"(equal(logql("a_b"), "1"))"), ElementsAre(0));
  EXPECT_THAT(Matches(batch, R"(equal(logql("_9x"), "200"))"), IsEmpty());
  EXPECT_THAT(Matches(batch, R"(equal(logql("_9x"), "200.0"))"), ElementsAre(1));
  EXPECT_THAT(Matches(batch, R"(exists(logql("t")))"), IsEmpty());
  EXPECT_THAT(Matches(batch, R"(exists(logql("n")))"), IsEmpty());
  EXPECT_THAT(Matches(batch, R"(greater(logql("took"), 1e9, duration))"), ElementsAre(1));
  EXPECT_THAT(Matches(batch, R"(greater_equal(logql("size"), 20000, bytes))"), ElementsAre(1));
  EXPECT_THAT(Matches(batch, R"(equal(logql("__error__"), "JSONParserErr"))"), ElementsAre(2));
}

TEST(MatcherTest, LineConditionsAreExact) {  // REQ Q-01
  const std::vector<std::string> lines = {
      R"({"message":"first\nbeta","took":15.90})", R"({"message":"plain","x":{"beta":null}})",
      R"({"m":"tab\there","u":"\u00e9t\u00e9"})",  "not json: nbeta {",
      R"({ "message" : "a b", "n":1e5 })",         R"({"message":"say \"hi\"","path":"C:\\temp"})",
  };
  const auto batch = Build(lines);
  for (const char* needle :
       {"beta",    "nbeta",  "message", "\"message\":", "15.90", "15.9", "u00e9", "there",    "\\there",
        "\"hi",    "hi\\\"", "1e5",     "null",         "\":\"", "a b",  "temp",  "\\\\temp", "PLAIN",
        "nomatch", " ",      "{",       "took\":15"}) {
    for (const bool ignore_case : {false, true}) {
      std::string quoted;
      AppendQuoted(needle, quoted);
      const Selection rows =
          Matches(batch, "contains(line, " + quoted + (ignore_case ? ", ignore_case)" : ")"));
      Selection expected;
      for (uint32_t row = 0; row < lines.size(); ++row) {
        std::string line = lines[row];
        std::string wanted = needle;
        for (std::string* text : {&line, &wanted}) {
          for (char& c : *text) c = ignore_case ? static_cast<char>(std::tolower(c)) : c;
        }
        if (line.find(wanted) != std::string::npos) expected.push_back(row);
      }
      EXPECT_EQ(rows, expected) << needle << " ignore_case=" << ignore_case;
    }
  }
  EXPECT_THAT(Matches(batch, R"(regex(line, "\"took\":1\\d"))"), ElementsAre(0));
  EXPECT_THAT(Matches(batch, R"(regex(line, "(?i)PLAIN|NOT"))"), ElementsAre(1, 3));
  EXPECT_THAT(Matches(batch, R"(regex(line, "(?i)SAY|plain"))"), ElementsAre(1, 5));
  EXPECT_THAT(Matches(batch, R"(regex(line, "plain|took", anchored))"), IsEmpty());
}

TEST(MatcherTest, BooleanOperatorsAndTime) {
  const auto batch = Build({R"({"a":1})", R"({"a":2})", R"({"b":1})", R"({"b":2})"});
  EXPECT_THAT(Matches(batch, "true"), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(Matches(batch, "false"), IsEmpty());
  EXPECT_THAT(
      Matches(batch, R"(or(equal(field("a"), "1"), and(exists(field("b")), not(equal(field("b"), "1")))))"),
      ElementsAre(0, 3));
  EXPECT_THAT(Matches(batch, R"(not(or(contains(line, "a\":"), equal(field("b"), "2"))))"), ElementsAre(2));
  EXPECT_THAT(Matches(batch, R"(and(greater(timestamp, "0"), less_equal(timestamp, "2")))"),
              ElementsAre(1, 2));
}

TEST(MatcherTest, UncertainIsTrueOfWhatAJsonReaderMaySeeOtherwise) {  // REQ Q-04
  const auto batch = Build({
      R"({"a":"x"})",          // 0
      R"({"a":"x","a":"y"})",  // 1
      R"({"a":{"b":"x"}})",    // 2
      R"({"a":7})",            // 3
      R"({"a":"\u0078"})",     // 4
      R"({"a":[]})",           // 5
      R"({"a":["x"]})",        // 6
      R"({"a":true})",         // 7
      R"({"a":null})",         // 8
      R"({"b":7})",            // 9
      "7",                     // 10
  });
  EXPECT_THAT(Matches(batch, R"(uncertain(path("a")))"), ElementsAre(1, 2));
  EXPECT_THAT(Matches(batch, R"(uncertain(path("a"), no_text))"), ElementsAre(1, 2, 3, 5, 6, 7, 8));
}

TEST(MatcherTest, TellsWhatTheStoreMaySkip) {  // REQ Q-07
  const auto matcher = Compiled(
      R"(and(equal(field("id"), "REQ_8f4e2b1c"), phrase(any, "user a1b2c3d4"), greater(field("took"), 5),
             less_equal(field("took"), 9),
             or(equal(field("x"), "same1234 left5678"), equal(field("y"), "same1234"))))");
  EXPECT_THAT(matcher->RequiredWords(), ElementsAre("a1b2c3d4", "req_8f4e2b1c", "same1234"));
  ASSERT_EQ(matcher->RequiredRanges().size(), 1u);
  EXPECT_EQ(matcher->RequiredRanges()[0].path, "took");
  EXPECT_EQ(matcher->RequiredRanges()[0].min, 5);
  EXPECT_EQ(matcher->RequiredRanges()[0].max, 9);
  EXPECT_TRUE(matcher->NeedsColumn({record::Origin::kAttribute, record::Kind::kString, "x"}));
  EXPECT_THAT(Compiled(R"(not(equal(field("id"), "req_8f4e2b1c")))")->RequiredWords(), IsEmpty());
  EXPECT_THAT(Compiled(R"(contains(line, "req_8f4e2b1c"))")->RequiredWords(), IsEmpty());
  EXPECT_FALSE(
      Compiled(R"(exists(field("id")))")->NeedsColumn({record::Origin::kLine, record::Kind::kString, "id"}));
  EXPECT_TRUE(Compiled("true")->MatchesAll());
}

TEST(MatcherTest, BadConditionsAreNamed) {
  const auto status = [](std::string_view text) { return Matcher::Compile(*Parse(text)).status(); };
  EXPECT_THAT(std::string(status(R"(regex(line, "a("))").message()), HasSubstr("\"a(\""));
  EXPECT_THAT(std::string(status(R"(in_network(field("ip"), "10.0.0.0/33"))").message()),
              HasSubstr("10.0.0.0/33"));
  EXPECT_EQ(status(R"(equal(timestamp, "yesterday"))").code(), absl::StatusCode::kInvalidArgument);
  ExprPtr deep = *Parse(R"(exists(field("a")))");
  for (int i = 0; i < 1000; ++i) {
    Expr wrap;
    wrap.op = Expr::Op::kNot;
    wrap.children = {deep};
    deep = Make(std::move(wrap));
  }
  EXPECT_FALSE(Matcher::Compile(deep).ok());
}

}  // namespace
}  // namespace taffrail::expr
