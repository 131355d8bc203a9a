#include "server/query_notes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "query/exec/batch_engine.h"
#include "query/plan/text.h"
#include "record/batch_builder.h"

namespace taffrail::server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(QueryNotesTest, NearestNames) {  // REQ Q-04
  const std::vector<std::string> names = {"service", "user.id", "metadata.duration_ms",
                                          "level",   "os",      "path"};
  EXPECT_THAT(NearestFields("servcie", names), ElementsAre("service"));
  EXPECT_THAT(NearestFields("userId", names), ElementsAre("user.id"));
  EXPECT_THAT(NearestFields("user_id", names), ElementsAre("user.id"));
  EXPECT_THAT(NearestFields("duration_ms", names), ElementsAre("metadata.duration_ms"));
  EXPECT_THAT(NearestFields("Level", names), ElementsAre("level"));
  EXPECT_THAT(NearestFields("levle", {"level", "path", "level"}), ElementsAre("level"));
  EXPECT_THAT(NearestFields("db", names), IsEmpty());
  EXPECT_THAT(NearestFields("quite_another", names), IsEmpty());
  EXPECT_THAT(NearestFields(std::string(100'000, 'x'), names), IsEmpty());
}

std::vector<QueryNote> NotesOf(const char* text) {
  record::BatchBuilder builder;
  builder.Append(R"({"service":"api","user":{"id":7},"gone":null})", 5, "");
  std::vector<record::RecordBatch> batches;
  batches.push_back(builder.Finish());
  query::exec::BatchEngine engine(std::move(batches));
  const auto plan = query::plan::Parse(text);
  EXPECT_TRUE(plan.ok()) << plan.status();
  class Discard final : public query::exec::ResultSink {
   public:
    bool OnColumns(const std::vector<std::string>&) override { return true; }
    bool OnRecord(const query::exec::LogRow&) override { return true; }
    bool OnRow(const std::vector<expr::Value>&) override { return true; }
  } sink;
  query::exec::ExecStats stats;
  EXPECT_TRUE(query::exec::Execute(*plan, engine, sink, {}, stats).ok());
  return NotesOn(*plan, engine, stats, {});
}

TEST(QueryNotesTest, OnlyFieldsThatNoLineHasAndOnlyWhereItMatters) {  // REQ Q-04
  const auto notes = NotesOf("source filter equal(field(\"servcie\"), \"api\")\n");
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(NotesJson(notes),
            R"([{"message":"no line in the range has a field \"servcie\"; did you mean \"service\"?",)"
            R"("field":"servcie","did_you_mean":["service"]}])");
  EXPECT_THAT(NotesOf("source filter equal(field(\"service\"), \"web\")\n"), IsEmpty());
  EXPECT_THAT(NotesOf("source filter equal(field(\"user\"), \"web\")\n"), IsEmpty());
  EXPECT_THAT(NotesOf("source filter equal(field(\"gone\"), \"web\")\n"), IsEmpty());
  EXPECT_THAT(NotesOf("source filter not(equal(field(\"servcie\"), \"api\"))\n"),
              IsEmpty());  // it found some
  EXPECT_EQ(NotesOf("source\naggregate \"n\" = count() by \"u\" = field(\"user.ids\")\n").size(), 1u);
  // Nothing is said of a range without lines.
  EXPECT_THAT(NotesOf("source to \"1960-01-01T00:00:00.000000000Z\" filter equal(field(\"x\"), \"api\")\n"),
              IsEmpty());
}

}  // namespace
}  // namespace taffrail::server
