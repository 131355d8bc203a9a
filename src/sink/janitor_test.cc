#include "sink/janitor.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/time_text.h"
#include "sink/fd.h"
#include "sink/files_for_tests.h"
#include "sink/rotation.h"

namespace taffrail::sink {
namespace {

using testing::ElementsAre;

constexpr char kDay1[] = "app-2026-11-18T00-00-00.000.log";
constexpr char kDay2[] = "app-2026-11-19T00-00-00.000.log";
constexpr char kDay3[] = "app-2026-11-20T00-00-00.000.log";

class JanitorTest : public testing::Test {
 protected:
  bool Tidy() {
    const auto all = TidyUp(dir_ / "app.log", options_, base::ParseRfc3339("2026-11-21T10:00:00Z").value());
    EXPECT_TRUE(all.ok()) << all.status().message();
    return all.ok() && *all;
  }
  void ThreeDays() {
    for (const char* name : {kDay1, kDay2, kDay3}) WriteFile(dir_ / name, std::string(100, 'x'));
  }

  TempDir dir_;
  FileOptions options_;
};

// REQ L-11
TEST_F(JanitorTest, CompressesSoThatTheUsualProgramsReadIt) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "line " + std::to_string(i * 7919) + "\n";
  for (const auto& [compression, name] :
       {std::pair(FileCompression::kGzip, ".gz"), std::pair(FileCompression::kZstd, ".zst")}) {
    WriteFile(dir_ / kDay1, text);
    ASSERT_EQ(chmod((dir_ / kDay1).c_str(), 0600), 0);
    options_.compression = compression;
    EXPECT_TRUE(Tidy());
    const std::string packed = dir_ / (std::string(kDay1) + name);
    EXPECT_EQ(Unpacked(packed), text);
    EXPECT_LT(std::filesystem::file_size(packed), text.size() / 2);
    EXPECT_EQ(static_cast<unsigned>(std::filesystem::status(packed).permissions()), 0600U);
    EXPECT_THAT(dir_.names(), ElementsAre(std::string(kDay1) + name));
    std::filesystem::remove(packed);
  }
}

TEST_F(JanitorTest, ACrashInMidCompressionLeavesTheOriginal) {
  options_.compression = FileCompression::kGzip;
  WriteFile(dir_ / kDay1, "lines\n");
  WriteFile(dir_ / (std::string(kDay1) + ".gz.tmp"), "half");
  WriteFile(dir_ / (std::string(kDay2) + ".gz.tmp"), "half of a file that is gone");
  WriteFile(dir_ / "app.log.gz.tmp", "not ours");
  EXPECT_TRUE(Tidy());
  EXPECT_THAT(dir_.names(), ElementsAre(std::string(kDay1) + ".gz", "app.log.gz.tmp"));
  EXPECT_EQ(Unpacked(dir_ / (std::string(kDay1) + ".gz")), "lines\n");
}

TEST_F(JanitorTest, ACrashBeforeTheOriginalIsRemovedLeavesItsLinesOnce) {
  for (const auto compression : {FileCompression::kGzip, FileCompression::kZstd}) {
    options_.compression = compression;
    WriteFile(dir_ / kDay1, "lines\n");
    ASSERT_TRUE(Tidy());
    WriteFile(dir_ / kDay1, "lines\n");
    ASSERT_TRUE(Tidy());
    const std::string packed = std::string(kDay1) + std::string(Suffix(compression));
    EXPECT_THAT(dir_.names(), ElementsAre(packed));
    EXPECT_EQ(Unpacked(dir_ / packed), "lines\n");
    std::filesystem::remove(dir_ / packed);
  }
}

// A rotation looks for a free name, and another process finishes a file of that name, before it takes it.
TEST_F(JanitorTest, NamesakesDoNotOverwriteEachOther) {
  for (const auto compression : {FileCompression::kGzip, FileCompression::kZstd}) {
    options_.compression = compression;
    for (const char* text : {"first\n", "second\n", "third\n"}) {
      WriteFile(dir_ / kDay1, text);
      ASSERT_TRUE(Tidy());
    }
    std::string all;
    ASSERT_EQ(dir_.names().size(), 3U);
    for (const std::string& name : dir_.names()) {
      EXPECT_TRUE(name.ends_with(Suffix(compression))) << name;
      all += Unpacked(dir_ / name);
      std::filesystem::remove(dir_ / name);
    }
    EXPECT_EQ(all, "first\nsecond\nthird\n");
  }
}

TEST_F(JanitorTest, AFileThatSomebodyStillWritesWaits) {
  options_.compression = FileCompression::kGzip;
  options_.keep_files = 1;
  ThreeDays();
  {
    const Fd writer(open((dir_ / kDay1).c_str(), O_WRONLY | O_APPEND));
    ASSERT_EQ(flock(writer.get(), LOCK_SH), 0);
    EXPECT_FALSE(Tidy());
    EXPECT_THAT(dir_.names(), ElementsAre(kDay1, std::string(kDay3) + ".gz"));
  }
  EXPECT_TRUE(Tidy());
  EXPECT_THAT(dir_.names(), ElementsAre(std::string(kDay3) + ".gz"));
}

TEST_F(JanitorTest, KeepsSoManyFiles) {
  ThreeDays();
  WriteFile(dir_ / "app.log.1", "logrotate's");
  options_.keep_files = 2;
  EXPECT_TRUE(Tidy());
  EXPECT_THAT(dir_.names(), ElementsAre(kDay2, kDay3, "app.log.1"));
}

TEST_F(JanitorTest, KeepsSoManyHours) {
  ThreeDays();
  options_.keep_hours = 48;
  EXPECT_TRUE(Tidy());
  EXPECT_THAT(dir_.names(), ElementsAre(kDay3));
  options_.keep_hours = 35;
  EXPECT_TRUE(Tidy());
  EXPECT_THAT(dir_.names(), ElementsAre(kDay3));
  options_.keep_hours = 34;
  EXPECT_TRUE(Tidy());
  EXPECT_THAT(dir_.names(), ElementsAre());
}

TEST_F(JanitorTest, KeepsSoManyBytes) {
  ThreeDays();
  options_.keep_bytes = 200;
  EXPECT_TRUE(Tidy());
  EXPECT_THAT(dir_.names(), ElementsAre(kDay2, kDay3));
  options_.keep_bytes = 199;
  EXPECT_TRUE(Tidy());
  EXPECT_THAT(dir_.names(), ElementsAre(kDay3));
}

TEST_F(JanitorTest, WhatCannotBeReadIsLeftAndTold) {
  options_.compression = FileCompression::kZstd;
  std::filesystem::create_directory(dir_ / kDay1);
  EXPECT_FALSE(TidyUp(dir_ / "app.log", options_, 0).ok());
  EXPECT_THAT(dir_.names(), ElementsAre(kDay1));
}

}  // namespace
}  // namespace taffrail::sink
