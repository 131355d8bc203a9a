#include "base/time_text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <ctime>
#include <limits>
#include <random>

namespace taffrail::base {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kOct1 = 1'759'335'125 * kSecond;  // 2025-10-01T16:12:05Z

TEST(FormatRfc3339Test, AnyNumberOfDigits) {
  const int64_t time_ns = kOct1 + 785'123'999;
  EXPECT_EQ(FormatRfc3339(time_ns, 0), "2025-10-01T16:12:05Z");
  EXPECT_EQ(FormatRfc3339(time_ns, 3), "2025-10-01T16:12:05.785Z");
  EXPECT_EQ(FormatRfc3339(time_ns, 6), "2025-10-01T16:12:05.785123Z");
  EXPECT_EQ(FormatRfc3339(time_ns), "2025-10-01T16:12:05.785123999Z");
  EXPECT_EQ(FormatRfc3339(0, 0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(FormatRfc3339(-1), "1969-12-31T23:59:59.999999999Z");
  EXPECT_EQ(FormatRfc3339(std::numeric_limits<int64_t>::min()), "1677-09-21T00:12:43.145224192Z");
  EXPECT_EQ(FormatRfc3339(std::numeric_limits<int64_t>::max()), "2262-04-11T23:47:16.854775807Z");
}

TEST(FormatRfc3339Test, AgreesWithTheSystemOnEveryDay) {
  for (int64_t day = -106'000; day < 106'000; ++day) {
    const time_t seconds = day * 86'400 + 3'723;
    tm parts{};
    gmtime_r(&seconds, &parts);
    char expected[32];
    strftime(expected, sizeof(expected), "%Y-%m-%dT%H:%M:%SZ", &parts);
    ASSERT_EQ(FormatRfc3339(seconds * kSecond, 0), expected);
  }
}

TEST(ParseRfc3339Test, RoundTripsTheWholeRange) {
  std::mt19937_64 rng(3);
  for (int i = 0; i < 20'000; ++i) {
    const auto time_ns = static_cast<int64_t>(rng());
    ASSERT_EQ(ParseRfc3339(FormatRfc3339(time_ns)), time_ns) << FormatRfc3339(time_ns);
  }
  for (const int64_t time_ns : {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()}) {
    EXPECT_EQ(ParseRfc3339(FormatRfc3339(time_ns)), time_ns);
  }
}

TEST(ParseRfc3339Test, OffsetsFractionsAndLeapSeconds) {
  EXPECT_EQ(ParseRfc3339("2025-10-01T16:12:05Z"), kOct1);
  EXPECT_EQ(ParseRfc3339("2025-10-01t16:12:05z"), kOct1);
  EXPECT_EQ(ParseRfc3339("2025-10-01 16:12:05Z"), kOct1);
  EXPECT_EQ(ParseRfc3339("2025-10-01T18:12:05+02:00"), kOct1);
  EXPECT_EQ(ParseRfc3339("2025-10-01T10:42:05-05:30"), kOct1);
  EXPECT_EQ(ParseRfc3339("2025-10-01T16:12:05.7Z"), kOct1 + 700'000'000);
  EXPECT_EQ(ParseRfc3339("2025-10-01T16:12:05.1234567899999Z"), kOct1 + 123'456'789);
  EXPECT_EQ(ParseRfc3339("2016-12-31T23:59:60Z"), ParseRfc3339("2017-01-01T00:00:00Z"));
  EXPECT_TRUE(ParseRfc3339("2024-02-29T00:00:00Z").has_value());
}

TEST(ParseRfc3339Test, RefusesTheRest) {
  for (const char* text : {"",
                           "2025",
                           "2025-10-01",
                           "2025-10-01T16:12:05",
                           "2025-10-01T16:12:05.Z",
                           "2025-10-01T16:12:05,5Z",
                           "2025/10/01T16:12:05Z",
                           "2025-13-01T16:12:05Z",
                           "2025-00-01T16:12:05Z",
                           "2025-02-29T00:00:00Z",
                           "2025-10-01T24:00:00Z",
                           "2025-10-01T16:60:05Z",
                           "2025-10-01T16:12:61Z",
                           "2025-10-01T16:12:05+0200",
                           "2025-10-01T16:12:05+24:00",
                           "2025-10-01T16:12:05Zx",
                           "2025-10-01T16:12:05 Z",
                           "1500-01-01T00:00:00Z",
                           "2262-04-11T23:47:17Z",
                           "1677-09-21T00:12:43Z",
                           "+025-10-01T16:12:05Z"}) {
    EXPECT_EQ(ParseRfc3339(text), std::nullopt) << text;
  }
}

TEST(ParseTimestampTest, TheFormsThatLogsWrite) {
  EXPECT_EQ(ParseTimestamp("2025-10-01 16:12:05,785"), kOct1 + 785'000'000);
  EXPECT_EQ(ParseTimestamp("2025-10-01T16:12:05"), kOct1);
  EXPECT_EQ(ParseTimestamp("2025-10-01 16:12:05+00"), kOct1);
  EXPECT_EQ(ParseTimestamp("2025-10-01T18:12:05.5+0200"), kOct1 + 500'000'000);
  EXPECT_EQ(ParseTimestamp("2025-10-01 16:12:05 UTC"), kOct1);
  EXPECT_EQ(ParseTimestamp("2015-09-12T00:46:58.771Z"), 1'442'018'818'771'000'000);
  EXPECT_EQ(ParseTimestamp("Thu Mar 16 03:08:58 2023 UTC"), 1'678'936'138 * kSecond);
  EXPECT_EQ(ParseTimestamp("Mar  6 03:08:58 2023"), (1'678'936'138 - 10 * 86'400) * kSecond);
  EXPECT_EQ(ParseTimestamp("Mar 6 03:08:58 2023"), (1'678'936'138 - 10 * 86'400) * kSecond);
  EXPECT_EQ(ParseTimestamp("2024/01/02 03:04:05"), 1'704'164'645 * kSecond);
  EXPECT_EQ(ParseTimestamp("10/Oct/2000:13:55:36 -0700"), 971'211'336 * kSecond);
}

// What is read the quick way is what the whole grammar reads.
TEST(ParseTimestampTest, TheUsualFormAgreesWithTheStrictOne) {
  for (const std::string text :
       {"2025-10-01T12:30:00Z", "2025-10-01T12:30:00.5Z", "2025-10-01T12:30:00.123Z",
        "2025-10-01T12:30:00.123456789Z", "2025-10-01T12:30:00.1234567891Z", "1969-12-31T23:59:59.999Z",
        "2024-02-29T23:59:60.000Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"}) {
    EXPECT_EQ(ParseTimestamp(text), ParseRfc3339(text)) << text;
    for (size_t i = 0; i < text.size(); ++i) {  // each byte of it wrong
      for (const char c : {'x', '/', ':', '9', '.'}) {
        std::string other = text;
        other[i] = c;
        const auto strict = ParseRfc3339(other);
        if (strict.has_value() || (c == 'x' && i != 10)) {
          EXPECT_EQ(ParseTimestamp(other), strict) << other;
        }
      }
    }
  }
}

// After each of them, so that the minute before is another, the same, or none.
TEST(TimestampReaderTest, ReadsWhatParseTimestampDoes) {
  const std::vector<std::string> texts = {
      "2025-10-01T16:12:05Z",     "2025-10-01T16:12:59.999999999Z", "2025-10-01T16:12:60Z",
      "2025-10-01T16:12:61Z",     "2025-10-01T16:13:00.5Z",         "2025-10-01T16:13:00.5+02:00",
      "2025-10-01 16:12:05Z",     "1969-12-31T23:59:59Z",           "2262-04-11T23:47:16.854775807Z",
      "2262-04-11T23:47:17Z",     "2262-04-11T23:47:00Z",           "2025-13-01T16:12:05Z",
      "2025-10-01T16:12:5x.123Z", "2025-10-01T16:12:05.Z",          "1759335125.785",
      "2025-10-01T16:12:05.1Z",   "2025-10-01 16:12:59.5Z",         "Thu Mar 16 03:08:58 2023 Z"};
  for (const std::string& before : texts) {
    TimestampReader reader;
    for (const std::string& text : texts) {
      reader.Read(before);
      EXPECT_EQ(reader.Read(text), ParseTimestamp(text)) << text << " after " << before;
    }
  }
}

TEST(ParseTimestampTest, UnixNumbersByTheirSize) {
  EXPECT_EQ(ParseTimestamp("1759335125"), kOct1);
  EXPECT_EQ(ParseTimestamp("1759335125.785"), kOct1 + 785'000'000);
  EXPECT_EQ(ParseTimestamp("1759335125785"), kOct1 + 785'000'000);
  EXPECT_EQ(ParseTimestamp("1759335125785.25"), kOct1 + 785'250'000);
  EXPECT_EQ(ParseTimestamp("1759335125785123"), kOct1 + 785'123'000);
  EXPECT_EQ(ParseTimestamp("1759335125785123999"), kOct1 + 785'123'999);
  EXPECT_EQ(UnixTimeToNs(int64_t{-1}), -kSecond);
  EXPECT_EQ(UnixTimeToNs(int64_t{1'759'335'125'785}), kOct1 + 785'000'000);
  EXPECT_EQ(UnixTimeToNs(1'759'335'125.5), kOct1 + 500'000'000);
  EXPECT_EQ(UnixTimeToNs(-0.5), -500'000'000);
  EXPECT_EQ(UnixTimeToNs(std::nan("")), std::nullopt);
  EXPECT_EQ(UnixTimeToNs(1e300), std::nullopt);
  EXPECT_EQ(UnixTimeToNs(9.3e9 * 10), std::nullopt);  // seconds beyond the year 2262
  EXPECT_EQ(UnixTimeToNs(std::numeric_limits<int64_t>::min()), std::numeric_limits<int64_t>::min());
}

TEST(ParseTimestampTest, RefusesTheRest) {
  for (const char* text :
       {"", "yesterday", "12:30", "2025-10-01", "1759335125.", "1.2.3", "Thu", "ThuMar 16 03:08:58 2023",
        "99999999999999999999", "9300000000", "32/Oct/2000:13:55:36 -0700", "10/Oxt/2000:13:55:36",
        "10/Oct/2000:13:55:36 ", "2025-10-01 16:12:05 ", "2025-10/01 16:12:05", "1e9", "-5"}) {
    EXPECT_EQ(ParseTimestamp(text), std::nullopt) << text;
  }
  EXPECT_EQ(ParseTimestamp(std::string(100, '1')), std::nullopt);
}

TEST(ParseTimeArgTest, WhatPeopleGive) {
  const int64_t now_ns = kOct1;
  EXPECT_EQ(*ParseTimeArg("now", now_ns), now_ns);
  EXPECT_EQ(*ParseTimeArg("-15m", now_ns), now_ns - 900 * kSecond);
  EXPECT_EQ(*ParseTimeArg("+1h", now_ns), now_ns + 3600 * kSecond);
  EXPECT_EQ(*ParseTimeArg("now-1h30m", now_ns), now_ns - 5400 * kSecond);
  EXPECT_EQ(*ParseTimeArg("2025-10-01", 0), kOct1 - (16 * 3600 + 12 * 60 + 5) * kSecond);
  EXPECT_EQ(*ParseTimeArg("2025-10-01T16:12", 0), kOct1 - 5 * kSecond);
  EXPECT_EQ(*ParseTimeArg("2025-10-01 16:12", 0), kOct1 - 5 * kSecond);
  EXPECT_EQ(*ParseTimeArg("2025-10-01T16:12:05Z", 0), kOct1);
  EXPECT_EQ(*ParseTimeArg("1759335125785", 0), kOct1 + 785'000'000);
  for (const char* text :
       {"", "15m", "-15", "nowadays", "now+", "tomorrow", "2025-10", "2025-10-32", "-300y"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseTimeArg(text, now_ns).status())) << text;
  }
}

}  // namespace
}  // namespace taffrail::base
