#include "record/intake.h"

#include <string>

#include "gtest/gtest.h"

namespace taffrail::record {
namespace {

TEST(Intake, ShortLinesAreKeptWhole) {
  EXPECT_EQ(ClippedSize("abc", 3), 3u);
  EXPECT_EQ(ClippedSize("", 3), 0u);
}

TEST(Intake, ClippingDoesNotCutACharacter) {
  const std::string line =
      "ab\xe2\x82\xac"
      "cd";  // ab€cd: the sign is bytes 2..4
  EXPECT_EQ(ClippedSize(line, 1), 1u);
  EXPECT_EQ(ClippedSize(line, 2), 2u);
  EXPECT_EQ(ClippedSize(line, 3), 2u);
  EXPECT_EQ(ClippedSize(line, 4), 2u);
  EXPECT_EQ(ClippedSize(line, 5), 5u);
}

TEST(Intake, WhatIsNotUtf8IsCutAtTheLimit) { EXPECT_EQ(ClippedSize(std::string(100, '\x80'), 50), 50u); }

TEST(Intake, MarkTellsHowMuchIsGone) {
  std::string out = "head";
  AppendClipMark(98765, out);
  EXPECT_EQ(out, "head…[clipped 98765 bytes]");
}

TEST(Intake, KnowsAJsonObject) {
  EXPECT_TRUE(IsJsonObject("{}"));
  EXPECT_TRUE(IsJsonObject(" {\"a\":[1,{}]}\r"));
  for (const std::string_view line : {"", "1", "[]", "{", "{}x", "{\"a\":}", "{\"a\":\"\xff\"}", "{} {}"}) {
    EXPECT_FALSE(IsJsonObject(line)) << line;
    BatchBuilder builder;
    EXPECT_NE(builder.Append(line, 0), LineFormat::kJson) << line;
  }
}

TEST(Intake, CountsByKind) {  // REQ I-03
  LineStats stats;
  stats.Count(LineFormat::kJson, "{}");
  stats.Count(LineFormat::kText, "plain");
  stats.Count(LineFormat::kText, " {\"cut\":");
  stats.Count(LineFormat::kText, std::string_view("a\0b", 3));
  stats.Count(LineFormat::kInvalidUtf8, "\xff");
  EXPECT_EQ(stats.lines, 5u);
  EXPECT_EQ(stats.json, 1u);
  EXPECT_EQ(stats.text, 4u);
  EXPECT_EQ(stats.malformed_json, 1u);
  EXPECT_EQ(stats.with_nul, 1u);
  EXPECT_EQ(stats.invalid_utf8, 1u);

  LineStats sum = stats;
  sum += stats;
  EXPECT_EQ(sum.lines, 10u);
  EXPECT_EQ(sum.malformed_json, 2u);
}

}  // namespace
}  // namespace taffrail::record
