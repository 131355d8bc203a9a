#include "ingest/message_field.h"

#include <string>

#include "expr/field_reader.h"
#include "gtest/gtest.h"
#include "record/batch_builder.h"
#include "record/row_cursor.h"

namespace taffrail::ingest {
namespace {

TEST(MessageField, IsFoundAsTheMessageAndTheLineStays) {
  record::BatchBuilder builder;
  builder.Append(R"({"info":{"what":"disk \"full\""},"n":1})", 7);
  builder.Append(R"({"info":{"what":"x"},"message":"own"})", 8);
  builder.Append(R"({"other":1})", 9);
  builder.Append("text", 10);
  const record::RecordBatch batch = WithMessageFrom(builder.Finish(), "info.what");

  const expr::FieldReader message(batch, {.source = expr::FieldRef::Source::kMessage, .name = ""});
  record::RowCursor cursor(batch);
  const auto at = [&](size_t row) {
    cursor.MoveTo(row);
    std::string line;
    cursor.AppendLine(line);
    return line + " " + expr::ToText(message.Read(cursor)) + " " + std::to_string(batch.timestamp_ns[row]);
  };
  EXPECT_EQ(at(0), R"({"info":{"what":"disk \"full\""},"n":1} disk "full" 7)");
  EXPECT_EQ(at(1), R"({"info":{"what":"x"},"message":"own"} own 8)");
  EXPECT_EQ(at(2), R"({"other":1}  9)");
  EXPECT_EQ(at(3), "text text 10");
}

TEST(MessageField, LeavesABatchWhereAllHaveOne) {
  record::BatchBuilder builder;
  builder.Append(R"({"message":"own","what":"x"})", 7);
  builder.Append("text", 8);
  const record::RecordBatch batch = WithMessageFrom(builder.Finish(), "what");
  ASSERT_EQ(batch.rows(), 2u);
  record::RowCursor cursor(batch);
  for (size_t row = 0; row < 2; ++row) {
    cursor.MoveTo(row);
    std::string text;
    cursor.AppendAttributes(text);
    EXPECT_EQ(text, "");
    cursor.AppendLine(text);
    EXPECT_EQ(text, row == 0 ? R"({"message":"own","what":"x"})" : "text");
  }
}

}  // namespace
}  // namespace taffrail::ingest
