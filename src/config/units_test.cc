#include "config/units.h"

#include <gtest/gtest.h>

#include <random>

namespace taffrail::config {
namespace {

TEST(Units, Bytes) {
  EXPECT_EQ(ParseBytes("64MiB"), 64 << 20);
  EXPECT_EQ(ParseBytes("64 MiB"), 64 << 20);
  EXPECT_EQ(ParseBytes("1.5GiB"), int64_t{3} << 29);
  EXPECT_EQ(ParseBytes("10MB"), 10'000'000);
  EXPECT_EQ(ParseBytes("7kB"), 7'000);
  EXPECT_EQ(ParseBytes("4096"), 4096);
  EXPECT_EQ(ParseBytes("512B"), 512);
  EXPECT_EQ(ParseBytes("0"), 0);
  for (const char* const bad : {"", "64M", "64k", "MiB", "-1", "1e3", "0.3B", "1.2.3MiB", "64mib", "64  MiB",
                                "99999999999999999999", "nan", "inf", "64MiB "}) {
    EXPECT_EQ(ParseBytes(bad), std::nullopt) << bad;
  }
}

TEST(Units, BytesReadBack) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 10'000; ++i) {
    const int64_t bytes = static_cast<int64_t>(random() >> 11) >> (random() % 53) << (random() % 4 * 10) &
                          ((int64_t{1} << 53) - 1);
    EXPECT_EQ(ParseBytes(FormatBytes(bytes)), bytes);
  }
}

TEST(Units, Flags) {
  EXPECT_EQ(ParseFlag("true"), true);
  EXPECT_EQ(ParseFlag("On"), true);
  EXPECT_EQ(ParseFlag("NO"), false);
  EXPECT_EQ(ParseFlag("1"), std::nullopt);
  EXPECT_EQ(ParseFlag(""), std::nullopt);
}

TEST(Units, TextsAreQuotedWhereYamlWouldMisread) {
  EXPECT_EQ(YamlText("api-2"), "api-2");
  EXPECT_EQ(YamlText(""), "\"\"");
  EXPECT_EQ(YamlText("a: b"), "\"a: b\"");
  EXPECT_EQ(YamlText("null"), "\"null\"");
  EXPECT_EQ(YamlText("-x"), "\"-x\"");
  EXPECT_EQ(YamlText("$x"), "\"$$x\"");
}

}  // namespace
}  // namespace taffrail::config
