#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "expr/field_reader.h"
#include "expr/number.h"
#include "expr/plain_regex.h"
#include "expr/scatter.h"
#include "expr/substring.h"
#include "expr/units.h"
#include "expr/wildcard.h"
#include "expr/words.h"
#include "record/batch_builder.h"

namespace taffrail::expr {
namespace {

TEST(SubstringTest, AgreesWithTheStandardLibrary) {
  std::mt19937 random(7);
  for (int round = 0; round < 3000; ++round) {
    std::string text(random() % 70, ' ');
    for (char& c : text) c = "abAB"[random() % 4];
    std::string needle(random() % 5, ' ');
    for (char& c : needle) c = "abAB"[random() % 4];
    EXPECT_EQ(FindSubstring(text, needle), text.find(needle)) << text << " in " << needle;
    std::string folded_text;
    std::string folded_needle;
    AppendFolded(text, folded_text);
    AppendFolded(needle, folded_needle);
    EXPECT_EQ(FindFolded(text, folded_needle), folded_text.find(folded_needle)) << text << " in " << needle;
  }
}

TEST(SubstringTest, NeverFindsAcrossValues) {
  record::StringData values;
  for (const char* value : {"", "ab", "", "cab", "b", "abab", ""}) values.Append(value);
  Bits hits(values.size());
  FindInValues(values, "ab", false, hits);
  EXPECT_EQ(hits.Count(), 3u);
  EXPECT_TRUE(hits[1] && hits[3] && hits[5]);
  hits.Reset(values.size());
  FindInValues(values, "abc", false, hits);
  EXPECT_TRUE(hits.None());
}

TEST(PlainRegexTest, OnlyChoicesOfPlainTexts) {
  EXPECT_THAT(AsPlainChoice("time out|x", false)->texts, ::testing::ElementsAre("time out", "x"));
  EXPECT_TRUE(AsPlainChoice("(?i)error", false)->ignore_case);
  EXPECT_TRUE(AsPlainChoice("(?s)(?i)error", false)->ignore_case);
  for (const char* pattern :
       {"", "a|", "|a", "a.b", "(a)", "(?i)task", "(?i)größe", "a|b|c|d|e|f|g|h|i", "^a", "a\\|b"}) {
    EXPECT_FALSE(AsPlainChoice(pattern, false)) << pattern;
  }
}

TEST(WildcardTest, MatchesTheWholeText) {  // REQ Q-04
  EXPECT_TRUE(Wildcard("a*c", false).Matches("abbbc"));
  EXPECT_FALSE(Wildcard("a*c", false).Matches("abbbcd"));
  EXPECT_TRUE(Wildcard("*", false).Matches(""));
  EXPECT_TRUE(Wildcard("a?c", false).Matches("aéc"));
  EXPECT_FALSE(Wildcard("a?c", false).Matches("ac"));
  EXPECT_TRUE(Wildcard("A*", true).Matches("abc"));
  EXPECT_TRUE(Wildcard("a\\*b", false).Matches("a*b"));
  EXPECT_FALSE(Wildcard("a\\*b", false).Matches("axb"));
  EXPECT_TRUE(Wildcard("*ab*ab*", false).Matches("xxabxabx"));
  EXPECT_TRUE(Wildcard(Wildcard::Escape("a*?\\"), false).Matches("a*?\\"));
}

TEST(NumberTest, IntervalsAgreeWithComparingDoubles) {  // REQ Q-06
  for (const double bound :
       {0.0, 0.1, -0.1, 1.5, 1e18, 9007199254740993.0, -1e30, 1e300, 0.30000000000000004}) {
    const auto at_least = IntervalsOf(Ordering::kGreaterEqual, bound);
    const auto below = IntervalsOf(Ordering::kLess, bound);
    for (const int scale : {0, 1, 2, 17, 19}) {
      for (const int64_t mantissa :
           {int64_t{0}, int64_t{1}, int64_t{10}, int64_t{15}, int64_t{-1}, int64_t{30000000000000004},
            int64_t{9007199254740993}, std::numeric_limits<int64_t>::max(),
            std::numeric_limits<int64_t>::min()}) {
        const double value = DecimalToDouble(mantissa, scale);
        EXPECT_EQ(at_least[scale].Contains(mantissa), value >= bound)
            << mantissa << "e-" << scale << " " << bound;
        EXPECT_EQ(below[scale].Contains(mantissa), value < bound)
            << mantissa << "e-" << scale << " " << bound;
      }
    }
  }
}

TEST(NumberTest, KeysAreEqualWhenNumbersAre) {
  EXPECT_EQ(NumberKey("1.50e1"), NumberKey("15"));
  EXPECT_EQ(NumberKey("-0.0"), NumberKey("0"));
  EXPECT_NE(NumberKey("1"), NumberKey("-1"));
  EXPECT_EQ(NumberKey("1000"), NumberKey("1E+3"));
  for (const char* bad : {"", "01", "1.", ".5", "1e", "+1", "0x1", " 1", "1 ", "-", "NaN"})
    EXPECT_EQ(NumberKey(bad), "");
}

TEST(UnitsTest, DurationsAndSizes) {  // REQ Q-01
  double value = 0;
  EXPECT_TRUE(ParseDuration("1h30m", value) && value == 5400e9);
  EXPECT_TRUE(ParseDuration("-1.5s", value) && value == -1.5e9);
  EXPECT_TRUE(ParseDuration("0", value) && value == 0);
  EXPECT_TRUE(ParseDuration("10µs", value) && value == 10e3);
  for (const char* bad : {"", "10", "s", "1x", "1.2.3s", "1h-5m", "."})
    EXPECT_FALSE(ParseDuration(bad, value)) << bad;
  EXPECT_TRUE(ParseByteSize("20KB", value) && value == 20000);
  EXPECT_TRUE(ParseByteSize("1.5 MiB", value) && value == 1572864);
  EXPECT_TRUE(ParseByteSize("1,024", value) && value == 1024);
  for (const char* bad : {"", "KB", "1XB", "-5B"}) EXPECT_FALSE(ParseByteSize(bad, value)) << bad;
  EXPECT_TRUE(ParseQuantity(Expr::Unit::kNone, "+1.5e3", value) && value == 1500);
  EXPECT_FALSE(ParseQuantity(Expr::Unit::kNone, "1.5x", value));
  EXPECT_TRUE(ParseQuantity(Expr::Unit::kNone, "1_000.5", value) && value == 1000.5);
  for (const char* text : {"_1", "1_", "1__0", "1_.5"}) {
    EXPECT_FALSE(ParseQuantity(Expr::Unit::kNone, text, value)) << text;
  }
  EXPECT_TRUE(ParseByteSize("1.7 ", value) && value == 1);  // whole bytes
  EXPECT_FALSE(ParseByteSize("20EB", value));               // more than 64 bits hold
}

TEST(FieldReaderTest, ReadsEveryKindOfValue) {
  record::BatchBuilder builder;
  builder.Append(
      R"({"s":"a\u00e9","i":-5,"d":15.90,"e":1e3,"b":false,"n":null,"j":[1,"x"],"o":{},"level":"warn"})", 7);
  builder.Append("text", 8);
  const auto batch = builder.Finish();
  record::RowCursor cursor(batch);
  const auto json = [&](FieldRef::Source source, const char* name) {
    std::string out;
    AppendJson(FieldReader(batch, {source, name}).Read(cursor), out);
    return out;
  };
  cursor.MoveTo(0);
  EXPECT_EQ(json(FieldRef::Source::kField, "s"), "\"aé\"");
  EXPECT_EQ(json(FieldRef::Source::kField, "i"), "-5");
  EXPECT_EQ(json(FieldRef::Source::kField, "d"), "15.90");
  EXPECT_EQ(json(FieldRef::Source::kField, "e"), "1e3");
  EXPECT_EQ(json(FieldRef::Source::kField, "b"), "false");
  EXPECT_EQ(json(FieldRef::Source::kField, "n"), "null");
  EXPECT_EQ(json(FieldRef::Source::kField, "j"), R"([1,"x"])");
  EXPECT_EQ(json(FieldRef::Source::kField, "o"), "{}");
  EXPECT_EQ(json(FieldRef::Source::kLevel, ""), "\"WARNING\"");
  EXPECT_EQ(json(FieldRef::Source::kTimestamp, ""), "7");
  EXPECT_TRUE(
      std::holds_alternative<Missing>(FieldReader(batch, {FieldRef::Source::kField, "no"}).Read(cursor)));
  cursor.MoveTo(1);
  EXPECT_EQ(json(FieldRef::Source::kMessage, ""), "\"text\"");
  EXPECT_EQ(json(FieldRef::Source::kLine, ""), "\"text\"");
}

TEST(RowsOfShapesTest, AreThoseThatATableTells) {  // REQ Q-07
  std::mt19937 random(7);
  for (const size_t rows : {0, 1, 63, 64, 65, 1000}) {
    record::RecordBatch batch;
    for (size_t i = 0; i < rows; ++i) batch.shape.push_back(static_cast<uint32_t>(random() % 6));
    for (uint32_t mask = 0; mask < 64; ++mask) {
      std::vector<uint8_t> wanted;
      for (uint32_t shape = 0; shape < 6; ++shape) wanted.push_back(mask >> shape & 1);
      EXPECT_EQ(RowsOfShapes::AreFew(wanted), std::popcount(mask) <= 4);
      if (!RowsOfShapes::AreFew(wanted)) continue;
      std::vector<size_t> found, expected;
      RowsOfShapes(batch, wanted).ForEach([&](size_t row) { found.push_back(row); });
      for (size_t row = 0; row < rows; ++row) {
        if (wanted[batch.shape[row]] != 0) expected.push_back(row);
      }
      EXPECT_EQ(found, expected) << rows << " rows, shapes " << mask;
    }
  }
}

TEST(ValueTest, SortsNumbersThenTextsThenTheRest) {
  const std::vector<Value> sorted = {int64_t{-5},      MakeNumber(1.5), int64_t{2}, std::string("10"),
                                     std::string("a"), false,           true,       Json{"[]"},
                                     Null{},           Missing{}};
  for (size_t i = 0; i < sorted.size(); ++i) {
    for (size_t j = 0; j < sorted.size(); ++j) {
      const int order = CompareValues(sorted[i], sorted[j]);
      EXPECT_EQ(order < 0, i < j) << i << " " << j;
      EXPECT_EQ(order > 0, i > j) << i << " " << j;
    }
  }
  EXPECT_EQ(CompareValues(int64_t{2}, MakeNumber(2.0)), 0);
}

}  // namespace
}  // namespace taffrail::expr
