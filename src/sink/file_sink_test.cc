// The file sink on a real file system; only its clock is made up.
#include "sink/file_sink.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <csignal>
#include <set>
#include <thread>

#include "base/mem_env.h"
#include "base/time_text.h"
#include "sink/files_for_tests.h"
#include "sink/janitor.h"

namespace taffrail::sink {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

constexpr int64_t kNsPerMs = 1'000'000;

class FileSinkTest : public testing::Test {
 protected:
  FileSinkTest() : clock_({.now_ns = base::ParseRfc3339("2026-11-21T10:00:00Z").value()}) {}
  ~FileSinkTest() override { EXPECT_TRUE(Janitor::Get().WaitUntilIdle(absl::Seconds(10))); }

  FileSink Make() { return FileSink(path_, options_, clock_); }
  // After the time in which a sink does not look at its file's name.
  void PassCheckInterval() { clock_.AdvanceNs(options_.check_ms * kNsPerMs); }

  TempDir dir_;
  const std::string path_ = dir_ / "app.log";
  FileOptions options_;
  base::MemEnv clock_;
};

// REQ U-07
TEST_F(FileSinkTest, CreatesFileAndDirectoriesThatNotEveryoneReads) {
  const mode_t before = umask(0);
  FileSink sink(dir_ / "a/b/app.log", {});
  EXPECT_TRUE(WriteLine(sink, "one"));
  umask(before);
  EXPECT_EQ(Contents(dir_ / "a/b/app.log"), "one\n");
  const auto mode = [&](const std::string& name) {
    return static_cast<unsigned>(std::filesystem::status(dir_ / name).permissions());
  };
  EXPECT_EQ(mode("a"), 0750U);
  EXPECT_EQ(mode("a/b"), 0750U);
  EXPECT_EQ(mode("a/b/app.log"), 0640U);
}

// REQ L-11
TEST_F(FileSinkTest, RotatesBySizeAndNeverSplitsABatch) {
  options_.max_bytes = 10;
  FileSink sink = Make();
  EXPECT_FALSE(sink.wants_entries());
  EXPECT_TRUE(WriteLine(sink, "1234"));
  EXPECT_TRUE(WriteLine(sink, "5678"));
  EXPECT_THAT(dir_.names(), ElementsAre("app.log"));
  EXPECT_TRUE(WriteLine(sink, "9"));
  EXPECT_TRUE(sink.write(Lines({"one long", "batch of lines"}).batch()));
  EXPECT_TRUE(WriteLine(sink, "next"));
  EXPECT_THAT(dir_.names(), ElementsAre("app-2026-11-21T10-00-00.000.log", "app-2026-11-21T10-00-00.001.log",
                                        "app-2026-11-21T10-00-00.002.log", "app.log"));
  EXPECT_EQ(Contents(dir_ / "app-2026-11-21T10-00-00.000.log"), "1234\n5678\n");
  EXPECT_EQ(Contents(dir_ / "app-2026-11-21T10-00-00.001.log"), "9\n");
  EXPECT_EQ(Contents(dir_ / "app-2026-11-21T10-00-00.002.log"), "one long\nbatch of lines\n");
  EXPECT_EQ(Contents(path_), "next\n");
}

TEST_F(FileSinkTest, RotatesByTimeWhenALineComes) {
  options_.period = RotationPeriod::kHourly;
  FileSink sink = Make();
  EXPECT_TRUE(WriteLine(sink, "ten"));
  clock_.AdvanceNs(60 * 60'000 * kNsPerMs - 1);
  EXPECT_TRUE(WriteLine(sink, "still ten"));
  EXPECT_THAT(dir_.names(), ElementsAre("app.log"));
  clock_.AdvanceNs(int64_t{3} * 60 * 60'000 * kNsPerMs);
  EXPECT_TRUE(WriteLine(sink, "thirteen"));
  EXPECT_THAT(dir_.names(), ElementsAre("app-2026-11-21T11-00-00.000.log", "app.log"));
  EXPECT_EQ(Contents(path_), "thirteen\n");
}

TEST_F(FileSinkTest, AFileOfYesterdayIsRotatedAtStart) {
  options_.period = RotationPeriod::kDaily;
  WriteFile(path_, "yesterday\n");
  const int64_t yesterday_s = base::ParseRfc3339("2026-11-20T15:00:00Z").value() / 1'000'000'000;
  const timespec times[2] = {{yesterday_s, 0}, {yesterday_s, 0}};
  ASSERT_EQ(utimensat(AT_FDCWD, path_.c_str(), times, 0), 0);
  FileSink sink = Make();
  EXPECT_TRUE(WriteLine(sink, "today"));
  EXPECT_EQ(Contents(path_), "today\n");
  EXPECT_EQ(Contents(dir_ / "app-2026-11-21T00-00-00.000.log"), "yesterday\n");
}

TEST_F(FileSinkTest, AnEmptyFileIsNotRotated) {
  options_.period = RotationPeriod::kHourly;
  options_.max_bytes = 4;
  WriteFile(path_, "");
  FileSink sink = Make();
  clock_.AdvanceNs(int64_t{24} * 3'600'000 * kNsPerMs);
  EXPECT_TRUE(WriteLine(sink, "longer than four"));
  EXPECT_THAT(dir_.names(), ElementsAre("app.log"));
}

TEST_F(FileSinkTest, WhatCannotBeRotatedIsWrittenOn) {
  options_.max_bytes = 5;
  FileSink sink = Make();
  for (int i = 0; i < 1'000; ++i) {  // every name of the second is taken
    char name[64];
    std::snprintf(name, sizeof(name), "app-2026-11-21T10-00-00.%03d.log", i);
    WriteFile(dir_ / name, "");
  }
  EXPECT_TRUE(WriteLine(sink, "1234"));
  EXPECT_TRUE(WriteLine(sink, "5678"));
  EXPECT_EQ(Contents(path_), "1234\n5678\n");
  clock_.AdvanceNs(10'000 * kNsPerMs);
  EXPECT_TRUE(WriteLine(sink, "9"));
  EXPECT_EQ(Contents(path_), "9\n");
}

TEST_F(FileSinkTest, CountsWhatIsCompressedAndRemovedBehindIt) {
  options_.max_bytes = 100;
  options_.compression = FileCompression::kGzip;
  options_.keep_files = 3;
  {
    FileSink sink = Make();
    for (int i = 0; i < 60; ++i)
      EXPECT_TRUE(WriteLine(sink, std::string(18, 'a' + static_cast<char>(i % 26))));
  }
  ASSERT_TRUE(Janitor::Get().WaitUntilIdle(absl::Seconds(10)));
  const auto names = dir_.names();
  ASSERT_THAT(names, SizeIs(4));
  std::string text;
  for (const std::string& name : names) text += Unpacked(dir_ / name);
  EXPECT_EQ(std::ranges::count(text, '\n'), 20);
}

TEST_F(FileSinkTest, ReopensWhenAsked) {
  FileSink sink = Make();
  EXPECT_TRUE(WriteLine(sink, "one"));
  std::filesystem::rename(path_, dir_ / "app.log.1");
  EXPECT_TRUE(WriteLine(sink, "two"));  // not looked at yet
  sink.reopen();
  EXPECT_TRUE(WriteLine(sink, "three"));
  EXPECT_EQ(Contents(dir_ / "app.log.1"), "one\ntwo\n");
  EXPECT_EQ(Contents(path_), "three\n");
}

TEST_F(FileSinkTest, NoticesByItselfThatItsFileWasRenamedRemovedOrTruncated) {
  options_.max_bytes = 12;
  FileSink sink = Make();
  EXPECT_TRUE(WriteLine(sink, "one"));
  std::filesystem::rename(path_, dir_ / "app.log.1");
  PassCheckInterval();
  EXPECT_TRUE(WriteLine(sink, "two"));
  EXPECT_EQ(Contents(path_), "two\n");
  std::filesystem::remove(path_);
  PassCheckInterval();
  EXPECT_TRUE(WriteLine(sink, "three"));
  EXPECT_EQ(Contents(path_), "three\n");
  std::filesystem::resize_file(path_, 0);  // copytruncate
  PassCheckInterval();
  EXPECT_TRUE(WriteLine(sink, "four"));
  EXPECT_TRUE(WriteLine(sink, "five"));
  EXPECT_EQ(Contents(path_), "four\nfive\n");
  EXPECT_THAT(dir_.names(), ElementsAre("app.log", "app.log.1"));
}

TEST_F(FileSinkTest, ThePositionIsWhereTheNextWriteBegins) {
  options_.max_bytes = 10;
  FileSink sink = Make();
  const auto first = sink.position(5);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->path, path_);
  EXPECT_EQ(first->offset, 0U);
  EXPECT_TRUE(WriteLine(sink, "1234"));
  EXPECT_EQ(sink.position(5)->offset, 5U);
  EXPECT_TRUE(WriteLine(sink, "5678"));
  // The next one does not fit: the file is rotated now, and not by the write.
  const auto next = sink.position(2);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->offset, 0U);
  EXPECT_NE(next->inode, first->inode);
  struct stat info {};
  ASSERT_EQ(stat((dir_ / "app-2026-11-21T10-00-00.000.log").c_str(), &info), 0);
  EXPECT_EQ(info.st_ino, first->inode);
  EXPECT_EQ(info.st_dev, first->device);
  clock_.AdvanceNs(int64_t{3'600'000} * kNsPerMs);
  request_reopen();
  EXPECT_TRUE(WriteLine(sink, "9"));
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_ino, next->inode);
  EXPECT_FALSE(FileSink("/dev/null", {}).position(1));
}

TEST_F(FileSinkTest, ALineThatWasTornGetsItsEnd) {
  WriteFile(path_, "{\"whole\":1}\n{\"to");
  FileSink sink = Make();
  EXPECT_TRUE(WriteLine(sink, "{}"));
  EXPECT_EQ(Contents(path_), "{\"whole\":1}\n{\"to\n{}\n");
}

using FileSinkDeathTest = FileSinkTest;

TEST_F(FileSinkDeathTest, AFailedBatchIsTakenBackWhole) {
  ASSERT_EXIT(
      {
        FileSink sink = Make();
        WriteLine(sink, "one");
        std::signal(SIGXFSZ, SIG_IGN);
        rlimit limit{};
        limit.rlim_cur = limit.rlim_max = 10;
        setrlimit(RLIMIT_FSIZE, &limit);
        const bool written = WriteLine(sink, "longer than the limit");
        const bool short_one = WriteLine(sink, "two");
        std::_Exit(!written && short_one ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
  EXPECT_EQ(Contents(path_), "one\ntwo\n");
}

TEST_F(FileSinkTest, AFullDiskLosesNothingThatWasAcknowledged) {
  const std::string small = dir_ / "small";
  std::filesystem::create_directory(small);
  if (mount("tmpfs", small.c_str(), "tmpfs", 0, "size=64k") != 0)
    GTEST_SKIP() << "may not mount a small file system";
  std::string acknowledged;
  size_t failed = 0;
  {
    FileSink sink(small + "/app.log", {});
    for (int i = 0; i < 100; ++i) {
      const std::string line = std::to_string(i) + std::string(1'500, 'x');
      if (i == 60) std::filesystem::remove(small + "/ballast");  // room again
      if (i == 10) WriteFile(small + "/ballast", std::string(32'768, 'b'));
      if (WriteLine(sink, line)) {
        acknowledged += line + "\n";
      } else {
        ++failed;
      }
    }
    EXPECT_GT(failed, 0U);
    EXPECT_EQ(Contents(small + "/app.log"), acknowledged);
  }
  umount(small.c_str());
}

TEST_F(FileSinkTest, DevicesAndPipesAreNoFilesToRotate) {
  options_.max_bytes = 1;
  FileSink full("/dev/full", options_);
  EXPECT_FALSE(WriteLine(full, "line"));
  FileSink null("/dev/null", options_);
  EXPECT_TRUE(WriteLine(null, "line"));
  EXPECT_TRUE(WriteLine(null, "line"));
  const std::string pipe = dir_ / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  FileSink unread(pipe, options_);
  EXPECT_FALSE(WriteLine(unread, "nobody reads it, and nobody waits"));
  const Fd reader(open(pipe.c_str(), O_RDONLY | O_NONBLOCK));
  EXPECT_TRUE(WriteLine(unread, "line"));
}

#ifndef __SANITIZE_THREAD__  // which knows nothing of forked children
TEST_F(FileSinkTest, SeveralProcessesShareAFileAndItsRotation) {
  options_.max_bytes = 4'000;
  options_.compression = FileCompression::kGzip;
  options_.check_ms = 0;  // each batch sees what the others did: many rotations at once
  constexpr int kProcesses = 4, kLines = 20'000;  // long enough for many rotations on a busy disk too
  std::vector<pid_t> children;
  for (int process = 0; process < kProcesses; ++process) {
    children.push_back(fork());
    if (children.back() == 0) {
      FileSink sink(path_, options_);
      WriteMany(sink, process, kLines);
      std::_Exit(Janitor::Get().WaitUntilIdle(absl::Seconds(20)) ? 0 : 2);
    }
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  const auto all = TidyUp(path_, options_, 0);
  EXPECT_TRUE(all.ok() && *all);
  ExpectAllLines(dir_, kProcesses, kLines);
  EXPECT_GT(dir_.names().size(), 10U);
}
#endif

TEST_F(FileSinkTest, AStormOfSighupWhileRotatingLosesNothing) {
  std::signal(SIGHUP, [](int) {});
  reopen_on_sighup();
  options_.max_bytes = 3'000;
  options_.compression = FileCompression::kZstd;
  std::atomic<bool> stop{false};
  std::thread storm([&] {
    while (!stop) {
      kill(getpid(), SIGHUP);
      std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
  });
  const uint64_t before = reopen_requests();
  {
    FileSink sink(path_, options_);
    WriteMany(sink, 0, 20'000);
  }
  stop = true;
  storm.join();
  EXPECT_GT(reopen_requests(), before);
  ASSERT_TRUE(Janitor::Get().WaitUntilIdle(absl::Seconds(20)));
  ExpectAllLines(dir_, 1, 20'000);
}

TEST(ReopenOnSighupDeathTest, CallsWhatHandledTheSignalBefore) {
  ASSERT_EXIT(
      {
        static volatile std::sig_atomic_t called = 0;
        std::signal(SIGHUP, [](int) { called = 1; });
        reopen_on_sighup();
        reopen_on_sighup();
        std::raise(SIGHUP);
        std::_Exit(called == 1 && reopen_requests() == 1 ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
  ASSERT_EXIT(
      {
        std::signal(SIGHUP, SIG_DFL);
        reopen_on_sighup();
        std::raise(SIGHUP);
        std::_Exit(reopen_requests() == 1 ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

TEST(CategoryFiles, OneEach) {
  const auto sinks = category_files("/var/log/api");
  ASSERT_EQ(sinks.size(), 5U);
  std::set<Category> categories;
  for (const SinkConfig& sink : sinks) categories.insert(sink.categories.begin(), sink.categories.end());
  EXPECT_EQ(categories.size(), 5U);
}

}  // namespace
}  // namespace taffrail::sink
