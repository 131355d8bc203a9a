#include "record/json_writer.h"

#include <gtest/gtest.h>

#include <simdjson.h>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>

namespace taffrail::record {
namespace {

std::string Quote(std::string_view text) {
  std::string out;
  AppendJsonString(text, out);
  return out;
}

std::string Unquote(std::string_view json) {
  simdjson::dom::parser parser;
  const std::string document = "[" + std::string(json) + "]";
  std::string_view text;
  const auto error = parser.parse(document).at(0).get(text);
  EXPECT_EQ(error, simdjson::SUCCESS) << document;
  return std::string(text);
}

std::string Double(double value) {
  std::string out;
  AppendDouble(value, out);
  return out;
}

std::string Time(int64_t time_ns, int digits) {
  std::string out;
  AppendRfc3339(time_ns, digits, out);
  return out;
}

// REQ L-01
TEST(JsonWriter, EscapesAreCanonical) {
  using namespace std::string_view_literals;
  EXPECT_EQ(Quote(""), R"("")");
  EXPECT_EQ(Quote("a\"b\\c/d"), R"("a\"b\\c/d")");
  EXPECT_EQ(Quote("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(Quote("\0\x01\x1f\x7f"sv), "\"\\u0000\\u0001\\u001f\x7f\"");
  EXPECT_EQ(Quote("Zoë €\U0001F600"), "\"Zoë €\U0001F600\"");
}

TEST(JsonWriter, EveryByteAtEveryPlaceOfEveryLength) {
  // Walks all branches of the block-wise search: blocks of 16, overlapping halves, single bytes.
  for (size_t length = 1; length <= 40; ++length) {
    for (size_t place = 0; place < length; ++place) {
      for (const char c : {'"', '\\', '\n', '\x1f', ' ', '\x7f', '!'}) {
        std::string text(length, 'x');
        text[place] = c;
        const std::string json = Quote(text);
        EXPECT_EQ(Unquote(json), text);
        EXPECT_EQ(IsCanonical(text), json.size() == text.size() + 2);
      }
    }
  }
}

TEST(JsonWriter, WhatIsNotUtf8BecomesReplacementCharacters) {
  // The example of Unicode 15, table 3-11: one U+FFFD for each maximal subpart.
  EXPECT_EQ(Quote("\x61\xF1\x80\x80\xE1\x80\xC2\x62\x80\x63\x80\xBF\x64"),
            "\"a\uFFFD\uFFFD\uFFFDb\uFFFDc\uFFFD\uFFFDd\"");
  EXPECT_EQ(Quote("\xC0\xAF"), "\"\uFFFD\uFFFD\"");                      // overlong
  EXPECT_EQ(Quote("\xED\xA0\x80"), "\"\uFFFD\uFFFD\uFFFD\"");            // a surrogate
  EXPECT_EQ(Quote("\xF4\x90\x80\x80"), "\"\uFFFD\uFFFD\uFFFD\uFFFD\"");  // beyond U+10FFFF
  EXPECT_EQ(Quote("abc\xE2\x82"), "\"abc\uFFFD\"");                      // cut off
  EXPECT_FALSE(IsCanonical("abc\xE2\x82"));
  EXPECT_TRUE(IsCanonical("abc\xE2\x82\xAC"));
}

TEST(JsonWriter, RandomBytesAlwaysParse) {
  std::mt19937 random(7);
  for (int i = 0; i < 20'000; ++i) {
    std::string text(random() % 70, '\0');
    for (char& c : text) c = static_cast<char>(random() % 4 == 0 ? random() : 'a' + random() % 26);
    const std::string once = Unquote(Quote(text));
    EXPECT_EQ(Unquote(Quote(once)), once);  // what came out is UTF-8: it stays as it is
    EXPECT_EQ(IsCanonical(text), Quote(text) == '"' + text + '"');
  }
}

TEST(JsonWriter, DoublesAreShortestAndComeBack) {
  EXPECT_EQ(Double(45), "45");
  EXPECT_EQ(Double(0.1), "0.1");
  EXPECT_EQ(Double(-0.0), "-0");
  EXPECT_EQ(Double(2345.67), "2345.67");
  EXPECT_EQ(Double(1e300), "1e+300");
  EXPECT_EQ(Double(1116241657349105778688.0), "1.1162416573491058e+21");  // not 22 digits, which are no int64
  EXPECT_EQ(Double(std::numeric_limits<double>::denorm_min()), "5e-324");
  EXPECT_EQ(Double(NAN), "\"NaN\"");
  EXPECT_EQ(Double(INFINITY), "\"Infinity\"");
  EXPECT_EQ(Double(-INFINITY), "\"-Infinity\"");
  std::mt19937_64 random(3);
  for (int i = 0; i < 20'000; ++i) {
    const double value = std::bit_cast<double>(random());
    if (!std::isfinite(value)) continue;
    EXPECT_EQ(std::strtod(Double(value).c_str(), nullptr), value);
  }
}

TEST(JsonWriter, IntegersAtTheirEnds) {
  std::string out;
  AppendInt(std::numeric_limits<int64_t>::min(), out);
  AppendUint(std::numeric_limits<uint64_t>::max(), out);
  EXPECT_EQ(out, "-922337203685477580818446744073709551615");
}

// REQ L-04
TEST(JsonWriter, Times) {
  EXPECT_EQ(Time(1'761'834'225'123'456'789, 3), "2025-10-30T14:23:45.123Z");
  EXPECT_EQ(Time(1'761'834'225'123'456'789, 9), "2025-10-30T14:23:45.123456789Z");
  EXPECT_EQ(Time(1'761'834'225'000'000'000, 0), "2025-10-30T14:23:45Z");
  EXPECT_EQ(Time(-1, 9), "1969-12-31T23:59:59.999999999Z");
  EXPECT_EQ(Time(951'782'400'000'000'000, 3), "2000-02-29T00:00:00.000Z");
  EXPECT_EQ(Time(std::numeric_limits<int64_t>::min(), 3), "1677-09-21T00:12:43.145Z");
  EXPECT_EQ(Time(std::numeric_limits<int64_t>::max(), 3), "2262-04-11T23:47:16.854Z");
}

}  // namespace
}  // namespace taffrail::record
