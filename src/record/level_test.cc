#include "record/level.h"

#include <gtest/gtest.h>

namespace taffrail::record {
namespace {

constexpr Level kAll[] = {Level::kTrace,   Level::kDebug, Level::kInfo,
                          Level::kWarning, Level::kError, Level::kCritical};

// REQ L-02
TEST(Level, EveryMappingGoesBothWays) {
  for (const Level level : kAll) {
    EXPECT_EQ(ParseLevelName(LevelName(level)), level);
    EXPECT_EQ(LevelFromOtel(OtelSeverity(level)), level);
    EXPECT_EQ(LevelFromPython(PythonLevel(level)), level);
    // Syslog has no trace: it comes back as debug.
    EXPECT_EQ(LevelFromSyslog(SyslogSeverity(level)), level == Level::kTrace ? Level::kDebug : level);
  }
}

TEST(Level, NumbersOfTheStandards) {
  EXPECT_EQ(OtelSeverity(Level::kInfo), 9);
  EXPECT_EQ(OtelSeverity(Level::kCritical), 21);
  EXPECT_EQ(SyslogSeverity(Level::kCritical), 2);
  EXPECT_EQ(SyslogSeverity(Level::kDebug), 7);
  EXPECT_EQ(PythonLevel(Level::kWarning), 30);
}

TEST(Level, NamesOfOtherSystems) {
  EXPECT_EQ(ParseLevelName("warn"), Level::kWarning);
  EXPECT_EQ(ParseLevelName(" WARNING\n"), Level::kWarning);
  EXPECT_EQ(ParseLevelName("Err"), Level::kError);
  EXPECT_EQ(ParseLevelName("FATAL"), Level::kCritical);
  EXPECT_EQ(ParseLevelName("panic"), Level::kCritical);
  EXPECT_EQ(ParseLevelName("notice"), Level::kInfo);
  EXPECT_EQ(ParseLevelName("verbose"), Level::kTrace);
  EXPECT_EQ(ParseLevelName(""), std::nullopt);
  EXPECT_EQ(ParseLevelName("loud"), std::nullopt);
  EXPECT_EQ(ParseLevelName(std::string(1000, 'w')), std::nullopt);
}

TEST(Level, NumbersAsText) {
  EXPECT_EQ(ParseLevel("30"), Level::kWarning);   // Python
  EXPECT_EQ(ParseLevel("60"), Level::kCritical);  // Bunyan
  EXPECT_EQ(ParseLevel("17"), Level::kError);     // OpenTelemetry
  EXPECT_EQ(ParseLevel("0"), Level::kCritical);   // syslog
  EXPECT_EQ(ParseLevel("-1"), std::nullopt);
  EXPECT_EQ(ParseLevel("99"), std::nullopt);
  EXPECT_EQ(ParseLevel("3x"), std::nullopt);
  EXPECT_EQ(ParseLevel(" "), std::nullopt);
}

TEST(Level, ANumberBetweenTwoLevelsIsTheLower) {
  EXPECT_EQ(LevelName(static_cast<Level>(11)), "INFO");
  EXPECT_EQ(LevelFromOtel(24), Level::kCritical);
  EXPECT_EQ(LevelFromPython(35), Level::kWarning);
}

}  // namespace
}  // namespace taffrail::record
