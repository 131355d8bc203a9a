#include "ingest/redaction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "record/batch_builder.h"
#include "record/row_cursor.h"
#include "redact/policy.h"

namespace taffrail::ingest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

const std::string kPassword = "correct-horse-7battery";

std::shared_ptr<const redact::Policy> BuiltIn() { return *redact::Policy::Make({}); }

std::vector<std::string> LinesOf(const std::vector<record::RecordBatch>& batches) {
  std::vector<std::string> lines;
  for (const record::RecordBatch& batch : batches) {
    record::RowCursor cursor(batch);
    for (size_t row = 0; row < batch.rows(); ++row) {
      cursor.MoveTo(row);
      std::string line;
      for (const auto& [name, value] : batch.streams[batch.stream_of(row)].labels)
        line += name + "=" + value + " ";
      cursor.AppendLine(line);
      cursor.AppendAttributes(line);
      lines.push_back(line);
    }
  }
  return lines;
}

record::RecordBatch Batch() {
  record::BatchBuilder builder;
  builder.SetStream({{"app", "web"}});
  builder.Append(R"({"service":"pay","password":")" + kPassword + R"(","n":1.50})", 1);
  builder.Append("GET /?token=" + std::string("9f8e7d6c5b4a39281706f5e4") + " 200", 2);
  builder.Append(R"({"service":"pay","n":2})", 3, R"({"contact":"user@example.com"})");
  builder.SetStream({{"app", "web"}, {"db_password", kPassword}});
  builder.Append("first\nsecond", 4);
  return builder.Finish();
}

// REQ U-04
TEST(IngestRedaction, CountsByRuleAndServiceAndLeavesTheLines) {
  const std::vector<std::string> before = LinesOf({Batch()});
  Redaction redaction(RedactionMode::kWatch, BuiltIn());
  EXPECT_EQ(LinesOf(redaction.Look(Batch())), before);
  const RedactionCounts counts = redaction.Read();
  EXPECT_EQ(counts.records, 4U);
  EXPECT_EQ(counts.masked, 0U);
  EXPECT_THAT(counts.found, ElementsAre(Pair(Pair("email", "pay"), 1), Pair(Pair("secret-field", "pay"), 1),
                                        Pair(Pair("secret-field", "web"), 2)));
  EXPECT_FALSE(redaction.Warnings(1).has_value());
}

TEST(IngestRedaction, MasksLinesAttributesAndLabels) {
  Redaction redaction(RedactionMode::kMask, BuiltIn());
  EXPECT_THAT(
      LinesOf(redaction.Look(Batch())),
      ElementsAre(R"(app=web {"service":"pay","password":"***","n":1.50})", "app=web GET /?token=*** 200",
                  R"(app=web {"service":"pay","n":2}{"contact":"u***@example.com"})",
                  "app=web db_password=*** first\nsecond"));
  EXPECT_EQ(redaction.Read().masked, 3U);
}

TEST(IngestRedaction, AKeyInManyRecordsIsHidden) {
  record::BatchBuilder builder;
  builder.Append("-----BEGIN PRIVATE KEY-----", 1);
  for (int i = 0; i < 5; ++i) builder.Append(std::string(64, static_cast<char>('A' + i)), 2);
  builder.Append("-----END PRIVATE KEY-----", 3);
  builder.Append("ready", 4);
  Redaction redaction(RedactionMode::kMask, BuiltIn());
  const std::vector<std::string> lines = LinesOf(redaction.Look(builder.Finish()));
  ASSERT_EQ(lines.size(), 8U);
  EXPECT_EQ(lines[7], "ready");
  for (const std::string& line : lines) EXPECT_THAT(line, Not(HasSubstr("AAAA"))) << line;
}

TEST(IngestRedaction, WarnsOnceAMinuteWithoutTheSecret) {
  constexpr int64_t kSecond = 1'000'000'000;
  Redaction redaction(RedactionMode::kWarn, BuiltIn());
  redaction.Look(Batch());
  const auto warnings = redaction.Warnings(100 * kSecond);
  ASSERT_TRUE(warnings.has_value());
  std::vector<record::RecordBatch> batches;
  batches.push_back(*warnings);
  const std::vector<std::string> lines = LinesOf(batches);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_THAT(lines[1],
              HasSubstr(R"("leak":{"service":"pay","rule":"secret-field","found":1,"stored":"as sent"})"));
  for (const std::string& line : lines) EXPECT_THAT(line, Not(HasSubstr(kPassword)));
  redaction.Look(Batch());
  EXPECT_FALSE(redaction.Warnings(101 * kSecond).has_value());
  EXPECT_TRUE(redaction.Warnings(161 * kSecond).has_value());
}

TEST(IngestRedaction, NamesThatAreMadeUpDoNotFillTheMemory) {
  Redaction redaction(RedactionMode::kWatch, BuiltIn());
  record::BatchBuilder builder;
  for (size_t i = 0; i < Redaction::kLeaksMax + 100; ++i)
    builder.Append(R"({"service":"s)" + std::to_string(i) + R"(","m":"to a@example.com"})", 1);
  redaction.Look(builder.Finish());
  const RedactionCounts counts = redaction.Read();
  EXPECT_EQ(counts.found.size(), Redaction::kLeaksMax + 1);
  EXPECT_EQ(counts.found.at({"email", "other"}), 100U);
}

}  // namespace
}  // namespace taffrail::ingest
