#include "engine/embedded/embedded_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/mem_env.h"
#include "fmt/format.h"
#include "query/exec/executor.h"
#include "query/plan/text.h"
#include "record/batch_builder.h"

namespace taffrail::engine::embedded {
namespace {

using ::testing::ElementsAre;

class Answer final : public query::exec::ResultSink {
 public:
  bool OnColumns(const std::vector<std::string>&) override { return true; }
  bool OnRecord(const query::exec::LogRow& row) override {
    rows.emplace_back(row.line);
    return true;
  }
  bool OnRow(const std::vector<expr::Value>& row) override {
    std::string& out = rows.emplace_back();
    for (const expr::Value& value : row) expr::AppendJson(value, out += out.empty() ? "" : " ");
    return true;
  }
  std::vector<std::string> rows;
};

class EmbeddedEngineTest : public ::testing::Test {
 protected:
  void SetUp() override {
    store::StoreOptions options;
    options.dir = "/store";
    options.env = &env_;
    options.background = false;
    auto store = store::Store::Open(options);
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }

  void Append(int first, int last) {
    record::BatchBuilder builder;
    builder.SetStream({{"node", fmt::format("node{}x1234", first)}});
    for (int i = first; i < last; ++i) {
      builder.Append(fmt::format(R"({{"id":"req_{:08x}","n":{},"g":"g{}"}})", i, i, i % 3), i * 1000,
                     R"({"k":"attr_0815abc"})");
    }
    ASSERT_TRUE(store_->Append(builder.Finish()).ok());
  }

  std::vector<std::string> Ask(std::string_view plan) {
    EmbeddedEngine engine(*store_);
    Answer answer;
    stats_ = {};
    const absl::Status status = query::exec::Execute(*query::plan::Parse(plan), engine, answer, {}, stats_);
    EXPECT_TRUE(status.ok()) << status;
    return answer.rows;
  }

  base::MemEnv env_;
  std::unique_ptr<store::Store> store_;
  query::exec::ExecStats stats_;
};

TEST_F(EmbeddedEngineTest, AsksPartsAndMemoryAlike) {  // REQ Q-07
  Append(0, 100);
  ASSERT_TRUE(store_->Flush().ok());
  Append(100, 200);
  EXPECT_THAT(Ask("source filter equal(field(\"id\"), \"req_00000005\")"),
              ElementsAre(R"({"id":"req_00000005","n":5,"g":"g2"})"));
  EXPECT_THAT(
      Ask("source order descending limit 2"),
      ElementsAre(R"({"id":"req_000000c7","n":199,"g":"g1"})", R"({"id":"req_000000c6","n":198,"g":"g0"})"));
  EXPECT_THAT(Ask("source filter greater_equal(field(\"n\"), 50) aggregate \"n\" = count(), \"s\" = "
                  "sum(field(\"n\")) "
                  "by \"g\" = field(\"g\")"),
              ElementsAre("\"g0\" 50 6225", "\"g1\" 50 6275", "\"g2\" 50 6175"));
}

TEST_F(EmbeddedEngineTest, SkipsBlocksByIdsWhereverTheyStand) {  // REQ Q-07
  Append(0, 100);
  ASSERT_TRUE(store_->Flush().ok());
  Append(1000, 1100);
  ASSERT_TRUE(store_->Flush().ok());
  EXPECT_EQ(Ask("source filter phrase(any, \"req_00000005\")").size(), 1u);
  EXPECT_GE(stats_.scan.blocks_pruned_words, 1u);
  EXPECT_EQ(Ask("source filter equal(stream(\"node\"), \"node1000x1234\")").size(), 100u);
  EXPECT_EQ(Ask("source filter equal(field(\"k\"), \"attr_0815abc\")").size(), 200u);
  EXPECT_EQ(Ask("source filter phrase(any, \"node0x1234\")").size(), 100u);
  EXPECT_EQ(Ask("source filter less(field(\"n\"), 10)").size(), 10u);
  EXPECT_GE(stats_.scan.blocks_pruned_range, 1u);
  EXPECT_THAT(Ask("source filter phrase(any, \"req_deadbeef1\")"), ElementsAre());
}

TEST_F(EmbeddedEngineTest, CountsWholeBlocksWithoutReading) {  // REQ Q-07
  Append(0, 100);
  ASSERT_TRUE(store_->Flush().ok());
  Append(100, 150);
  EXPECT_THAT(Ask("source aggregate \"n\" = count()"), ElementsAre("150"));
  EXPECT_EQ(stats_.scan.blocks_counted, 1u);
  EXPECT_EQ(stats_.scan.bytes_read, 0u);
  EXPECT_THAT(Ask("source from \"1970-01-01T00:00:00.00005Z\" aggregate \"n\" = count()"),
              ElementsAre("100"));
}

TEST_F(EmbeddedEngineTest, ReadsTheLinesOfTheFirstOfASortAlone) {  // REQ Q-07
  for (int part = 0; part < 6; ++part) {
    Append(part * 100, part * 100 + 100);
    ASSERT_TRUE(store_->Flush().ok());
  }
  Append(600, 650);
  EXPECT_THAT(
      Ask("source sort field(\"n\") descending limit 2"),
      ElementsAre(R"({"id":"req_00000289","n":649,"g":"g1"})", R"({"id":"req_00000288","n":648,"g":"g0"})"));
  // Equal keys: in the order of time, which runs backwards when it is asked to.
  EXPECT_THAT(
      Ask("source sort field(\"g\") limit 2 offset 1"),
      ElementsAre(R"({"id":"req_00000003","n":3,"g":"g0"})", R"({"id":"req_00000006","n":6,"g":"g0"})"));
  EXPECT_THAT(Ask("source order descending sort field(\"g\") limit 1"),
              ElementsAre(R"({"id":"req_00000288","n":648,"g":"g0"})"));
  EXPECT_LE(stats_.scan.rows_read, 650u + 50u) << "keys of all rows, and the one block that has the record";
}

}  // namespace
}  // namespace taffrail::engine::embedded
