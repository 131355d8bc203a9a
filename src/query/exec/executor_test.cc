#include "query/exec/executor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/mem_env.h"
#include "query/exec/batch_engine.h"
#include "query/exec/optimize.h"
#include "query/plan/text.h"
#include "record/batch_builder.h"

namespace taffrail::query::exec {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The answer as text: a line a row, cells as JSON.
class TextSink final : public ResultSink {
 public:
  bool OnColumns(const std::vector<std::string>& names) override {
    columns = names;
    return true;
  }
  bool OnRecord(const LogRow& row) override {
    rows.push_back(std::to_string(row.timestamp_ns) + " " + std::string(row.line) +
                   std::string(row.attributes));
    return rows.size() != stop_at;
  }
  bool OnRow(const std::vector<expr::Value>& row) override {
    std::string& out = rows.emplace_back();
    for (const expr::Value& value : row) {
      if (!out.empty()) out += ' ';
      expr::AppendJson(value, out);
    }
    return rows.size() != stop_at;
  }

  std::vector<std::string> columns;
  std::vector<std::string> rows;
  size_t stop_at = 0;
};

// Two batches in order of time.
std::vector<record::RecordBatch> Batches() {
  std::vector<record::RecordBatch> batches;
  record::BatchBuilder builder;
  builder.Append(R"({"a":1,"g":"x"})", 10);
  builder.Append(R"({"a":2.5,"g":"y"})", 20, R"({"k":"v"})");
  builder.Append(R"({"a":"3","g":"x"})", 20);
  batches.push_back(builder.Finish());
  builder.Append(R"({"a":null,"g":"y"})", 30);
  builder.Append("text", 40);
  builder.Append(R"({"a":7,"g":"x"})", 50);
  batches.push_back(builder.Finish());
  return batches;
}

TextSink Ask(std::string_view text, Pushed pushed = {}, ExecOptions options = {}) {
  BatchEngine engine(Batches(), pushed);
  TextSink sink;
  ExecStats stats;
  const auto plan = plan::Parse(text);
  EXPECT_TRUE(plan.ok()) << plan.status();
  const absl::Status status = Execute(*plan, engine, sink, options, stats);
  EXPECT_TRUE(status.ok()) << status;
  return sink;
}

std::vector<std::string> Rows(std::string_view text, Pushed pushed = {}) { return Ask(text, pushed).rows; }

constexpr Pushed kAll = {.range = true, .filter = true, .order = true};

TEST(ExecutorTest, ASortKeepsAllThatAHugeLimitAndOffsetMayAskFor) {  // REQ Q-07
  for (const Pushed pushed : {Pushed{}, kAll}) {
    EXPECT_EQ(Rows("source sort field(\"g\") limit 9223372036854775807 offset 2", pushed).size(), 4U);
    EXPECT_THAT(Rows("source sort field(\"g\") limit 9223372036854775807 offset 9223372036854775807", pushed),
                IsEmpty());
  }
}

TEST(ExecutorTest, RecordsInBothDirections) {  // REQ Q-07
  for (const Pushed pushed : {Pushed{}, kAll}) {
    EXPECT_THAT(Rows("source filter exists(field(\"a\")) limit 2 offset 1", pushed),
                ElementsAre("20 {\"a\":2.5,\"g\":\"y\"}{\"k\":\"v\"}", "20 {\"a\":\"3\",\"g\":\"x\"}"));
    EXPECT_THAT(Rows("source order descending limit 5", pushed),
                ElementsAre("50 {\"a\":7,\"g\":\"x\"}", "40 text", "30 {\"a\":null,\"g\":\"y\"}",
                            "20 {\"a\":\"3\",\"g\":\"x\"}", "20 {\"a\":2.5,\"g\":\"y\"}{\"k\":\"v\"}"));
    EXPECT_THAT(
        Rows("source from \"1970-01-01T00:00:00.000000030Z\" to \"1970-01-01T00:00:00.000000050Z\"", pushed),
        ElementsAre("30 {\"a\":null,\"g\":\"y\"}", "40 text"));
    EXPECT_THAT(Rows("source limit 0", pushed), IsEmpty());
  }
}

TEST(ExecutorTest, SortsRecordsByFields) {
  EXPECT_THAT(Rows("source sort field(\"a\") descending limit 3"),
              ElementsAre("20 {\"a\":\"3\",\"g\":\"x\"}", "50 {\"a\":7,\"g\":\"x\"}",
                          "20 {\"a\":2.5,\"g\":\"y\"}{\"k\":\"v\"}"));
  EXPECT_THAT(
      Rows("source sort field(\"g\"), timestamp descending limit 2 filter equal(field(\"a\"), \"7\")"),
      ElementsAre("50 {\"a\":7,\"g\":\"x\"}"));
}

TEST(ExecutorTest, ProjectsAndFiltersTables) {
  const TextSink sink =
      Ask("source project \"time\" = timestamp, \"value\" = field(\"a\"), \"k\" = field(\"k\") "
          "filter greater(field(\"value\"), 1) sort field(\"value\") descending");
  EXPECT_THAT(sink.columns, ElementsAre("time", "value", "k"));
  EXPECT_THAT(sink.rows, ElementsAre("\"1970-01-01T00:00:00.000000050Z\" 7 null",
                                     "\"1970-01-01T00:00:00.000000020Z\" 2.5 \"v\""));
  EXPECT_THAT(Rows("source order descending project \"a\" = field(\"a\") limit 2", kAll),
              ElementsAre("7", "null"));
}

TEST(ExecutorTest, Aggregates) {
  EXPECT_THAT(Rows("source aggregate \"n\" = count(), \"na\" = count(field(\"a\")), \"d\" = "
                   "count_distinct(field(\"g\")), "
                   "\"s\" = sum(field(\"a\")), \"avg\" = avg(field(\"a\")), \"lo\" = min(field(\"a\")), "
                   "\"hi\" = max(field(\"a\")), \"p50\" = quantile(0.5, field(\"a\"))"),
              ElementsAre("6 4 2 13.5 3.375 1 \"3\" 2.75"));
  EXPECT_THAT(Rows("source aggregate \"n\" = count(), \"s\" = sum(field(\"a\")) by \"g\" = field(\"g\")"),
              ElementsAre("\"x\" 3 11", "\"y\" 2 2.5", "null 1 null"));
  EXPECT_THAT(Rows("source aggregate \"n\" = count() by \"t\" = bucket(\"25ns\") sort field(\"n\") "
                   "descending limit 1"),
              ElementsAre("\"1970-01-01T00:00:00.000000000Z\" 3"));
  EXPECT_THAT(Rows("source filter false aggregate \"n\" = count(), \"m\" = max(field(\"a\"))"),
              ElementsAre("0 null"));
  EXPECT_THAT(Rows("source filter false aggregate \"n\" = count() by \"g\" = field(\"g\")"), IsEmpty());
  EXPECT_THAT(Rows("source aggregate \"n\" = count() by \"g\" = field(\"g\"), \"a\" = field(\"a\") "
                   "aggregate \"groups\" = count(), \"most\" = max(field(\"n\")) by \"g\" = field(\"g\")"),
              ElementsAre("\"x\" 3 1", "\"y\" 2 1", "null 1 1"));
}

// Without keys all rows are of one group, however large the batches are that follow each other.
TEST(ExecutorTest, AggregatesBatchesOfAnySizeIntoOneGroup) {
  std::vector<record::RecordBatch> batches;
  record::BatchBuilder builder;
  int64_t time = 0;
  int64_t sum = 0;
  for (const int rows : {3, 1, 200, 5, 70, 201}) {
    for (int i = 0; i < rows; ++i) {
      sum += ++time;
      builder.Append("{\"a\":" + std::to_string(time) + "}", time);
    }
    batches.push_back(builder.Finish());
  }
  for (const bool splittable : {true, false}) {
    BatchEngine engine(batches, kAll);
    TextSink sink;
    ExecStats stats;
    const auto plan = plan::Parse(std::string("source aggregate \"n\" = count(), \"s\" = sum(field(\"a\"))") +
                                  (splittable ? "" : ", \"l\" = last(field(\"a\"))"));
    ASSERT_TRUE(plan.ok()) << plan.status();
    ASSERT_TRUE(Execute(*plan, engine, sink, {}, stats).ok());
    EXPECT_THAT(sink.rows, ElementsAre("480 " + std::to_string(sum) + (splittable ? "" : " 480")));
  }
}

TEST(ExecutorTest, OperatorsAreTimedForWhoAsks) {
  for (const bool timed : {false, true}) {
    BatchEngine engine(Batches(), kAll);
    TextSink sink;
    ExecStats stats;
    const auto plan = plan::Parse("source aggregate \"n\" = count()");
    ASSERT_TRUE(Execute(*plan, engine, sink, {.time_operators = timed}, stats).ok());
    int64_t time_ns = 0;
    for (const OperatorStats& each : stats.operators) time_ns += each.time_ns;
    EXPECT_EQ(time_ns > 0, timed);
  }
}

TEST(ExecutorTest, StopsReadingWhenItHasEnough) {  // REQ Q-07
  BatchEngine engine(Batches(), kAll);
  TextSink sink;
  ExecStats stats;
  ASSERT_TRUE(Execute(*plan::Parse("source order descending limit 2"), engine, sink, {}, stats).ok());
  EXPECT_EQ(stats.scan.blocks_read, 1u);  // of two
  EXPECT_EQ(stats.rows_out, 2u);
  EXPECT_THAT(Explain(stats), HasSubstr("limit 2"));

  TextSink impatient;
  impatient.stop_at = 1;
  ExecStats stopped;
  ASSERT_TRUE(Execute(*plan::Parse("source"), engine, impatient, {}, stopped).ok());
  EXPECT_EQ(impatient.rows.size(), 1u);
  EXPECT_EQ(stopped.scan.blocks_read, 1u);
}

TEST(ExecutorTest, BudgetsSayWhatRanOut) {  // REQ Q-07
  BatchEngine engine(Batches(), {});
  const auto status_of = [&engine](std::string_view text, const ExecOptions& options) {
    TextSink sink;
    ExecStats stats;
    return Execute(*plan::Parse(text), engine, sink, options, stats);
  };
  ExecOptions small;
  small.max_memory_bytes = 100;
  const absl::Status groups = status_of("source aggregate \"n\" = count() by \"a\" = field(\"a\")", small);
  EXPECT_EQ(groups.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(groups.message()), HasSubstr("max_memory_bytes"));
  EXPECT_EQ(status_of("source sort field(\"a\")", small).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(status_of("source order none", small).ok());

  ExecOptions cancelled;
  cancelled.cancelled = [] { return true; };
  EXPECT_EQ(status_of("source", cancelled).code(), absl::StatusCode::kCancelled);

  base::MemEnv env;
  ExecOptions timed;
  timed.env = &env;
  timed.max_time_ns = 1'000;
  timed.progress = [&env] { env.AdvanceNs(2'000); };
  EXPECT_EQ(status_of("source order none", timed).code(), absl::StatusCode::kDeadlineExceeded);

  ExecOptions few;
  few.max_rows = 2;
  EXPECT_EQ(Ask("source", {}, few).rows.size(), 2u);
}

TEST(ExecutorTest, PassesAreNamedAndDoWhatTheySay) {
  const auto apply = [](std::string_view pass, std::string_view text) {
    plan::Plan plan = *plan::Parse(text);
    for (const Pass& known : Passes()) {
      if (known.name == pass) known.apply(plan);
    }
    return plan::ToString(plan);
  };
  EXPECT_EQ(
      apply("merge_filters", "source sort field(\"a\") filter exists(field(\"a\")) limit 1 filter false"),
      "source filter exists(field(\"a\"))\nsort field(\"a\")\nlimit 1\nfilter false\n");
  EXPECT_EQ(apply("time_range", "source filter greater(timestamp, \"4\")"),
            "source from \"1970-01-01T00:00:00.000000005Z\" filter greater(timestamp, \"4\")\n");
  EXPECT_EQ(apply("sort_by_time", "source order none sort timestamp descending limit 1"),
            "source order descending\nlimit 1\n");
  EXPECT_EQ(apply("sort_by_time", "source sort timestamp descending"), "source\nsort timestamp descending\n");
}

TEST(ExecutorTest, ErrorsInConditionsComeBeforeAnyRow) {
  BatchEngine engine(Batches(), {});
  TextSink sink;
  ExecStats stats;
  const absl::Status status =
      Execute(*plan::Parse("source filter regex(line, \"(\")"), engine, sink, {}, stats);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(sink.rows, IsEmpty());
}

}  // namespace
}  // namespace taffrail::query::exec
