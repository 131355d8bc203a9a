#include "ingest/fields_to_labels.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "record/batch_builder.h"

namespace taffrail::ingest {
namespace {

record::RecordBatch Batch(const std::vector<std::string>& lines) {
  record::BatchBuilder builder;
  for (const std::string& line : lines) builder.Append(line, 0);
  return builder.Finish();
}

record::Labels LabelsOf(const record::RecordBatch& batch, size_t row) {
  return batch.streams[batch.stream_of(row)].labels;
}

TEST(FieldsToLabels, MakesStreamsOfFields) {
  record::RecordBatch batch =
      Batch({R"({"service":"api","log.level":"INFO"})", R"({"service":"api","log.level":"INFO"})",
             R"({"service":"web"})", "text"});
  EXPECT_EQ(SetStreamsFromFields(batch, {"service", "log.level"}), 0u);
  EXPECT_EQ(batch.streams.size(), 3u);
  EXPECT_EQ(LabelsOf(batch, 0), (record::Labels{{"log_level", "INFO"}, {"service", "api"}}));
  EXPECT_EQ(batch.stream_of(0), batch.stream_of(1));
  EXPECT_EQ(LabelsOf(batch, 2), (record::Labels{{"service", "web"}}));
  EXPECT_EQ(LabelsOf(batch, 3), record::Labels());
}

TEST(FieldsToLabels, OneStreamNeedsNoColumn) {
  record::RecordBatch batch = Batch({R"({"a":"x"})", R"({"a":"x"})"});
  EXPECT_EQ(SetStreamsFromFields(batch, {"a"}), 0u);
  EXPECT_EQ(batch.streams.size(), 1u);
  EXPECT_TRUE(batch.stream.empty());
}

TEST(FieldsToLabels, AnIdIsNoLabel) {
  record::RecordBatch batch =
      Batch({R"({"id":"1","s":"x"})", R"({"id":"2","s":"x"})", R"({"id":"3","s":"x"})"});
  EXPECT_EQ(SetStreamsFromFields(batch, {"id", "s"}, {.max_values = 2}), 3u);
  EXPECT_EQ(batch.streams.size(), 1u);
  EXPECT_EQ(LabelsOf(batch, 2), (record::Labels{{"s", "x"}}));
}

TEST(FieldsToLabels, TooManyCombinationsCostTheFieldWithMostValues) {
  record::RecordBatch batch = Batch({R"({"a":"1","b":"1"})", R"({"a":"2","b":"1"})", R"({"a":"3","b":"2"})"});
  EXPECT_EQ(SetStreamsFromFields(batch, {"a", "b"}, {.max_streams = 2}), 3u);
  EXPECT_EQ(LabelsOf(batch, 0), (record::Labels{{"b", "1"}}));
  EXPECT_EQ(LabelsOf(batch, 2), (record::Labels{{"b", "2"}}));
}

// Of so many rows that the columns are coded.
TEST(FieldsToLabels, RepeatedValuesAreReadOnce) {
  std::vector<std::string> lines;
  for (int i = 0; i < 300; ++i) {
    lines.push_back(R"({"a":")" + std::string(i % 3 == 0 ? "too long" : i % 3 == 1 ? "x" : "y") + R"("})");
  }
  record::RecordBatch batch = Batch(lines);
  ASSERT_TRUE(batch.columns[0].coded());
  EXPECT_EQ(SetStreamsFromFields(batch, {"a"}, {.max_value_bytes = 4}), 100u);
  EXPECT_EQ(LabelsOf(batch, 297), record::Labels());
  EXPECT_EQ(LabelsOf(batch, 298), (record::Labels{{"a", "x"}}));
  EXPECT_EQ(LabelsOf(batch, 299), (record::Labels{{"a", "y"}}));
  EXPECT_EQ(batch.streams.size(), 3u);
}

TEST(FieldsToLabels, ALongValueCostsOnlyItsRow) {
  record::RecordBatch batch = Batch({R"({"a":"12345"})", R"({"a":"1"})"});
  EXPECT_EQ(SetStreamsFromFields(batch, {"a"}, {.max_value_bytes = 4}), 1u);
  EXPECT_EQ(LabelsOf(batch, 0), record::Labels());
  EXPECT_EQ(LabelsOf(batch, 1), (record::Labels{{"a", "1"}}));
}

}  // namespace
}  // namespace taffrail::ingest
