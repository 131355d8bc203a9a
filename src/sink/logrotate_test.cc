// The real logrotate, as Debian installs it, over a file that is being written.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "sink/file_sink.h"
#include "sink/files_for_tests.h"

namespace taffrail::sink {
namespace {

class LogrotateTest : public testing::Test {
 protected:
  void SetUp() override {
    if (access("/usr/sbin/logrotate", X_OK) != 0) GTEST_SKIP() << "logrotate is not installed";
  }
  // It keeps more old files than there are rotations here: what it removes would be missed.
  void Rotate(const std::string& directives) {
    WriteFile(state_ / "conf", path_ + " {\nrotate 1000\nmissingok\n" + directives + "\n}\n");
    std::filesystem::permissions(state_ / "conf", std::filesystem::perms(0644));  // else it is ignored
    const std::string command = "/usr/sbin/logrotate -f -s " + state_ / "state" + " " + state_ / "conf";
    EXPECT_EQ(std::system(command.c_str()), 0);
  }
  // Rotates again and again while lines are written, each time once the writer can have noticed the time
  // before: logrotate compresses and removes a file that it renamed twice, and a file that appears where it
  // wants to make one itself it renames by the second, over that of the same second. Both would lose lines,
  // whoever writes.
  void RotateWhileWriting(const std::string& directives, int64_t check_ms) {
    constexpr int kParts = 100;
    std::atomic<int> written = 0;
    std::thread writer([&] {
      FileSink sink(path_, {.check_ms = check_ms});
      for (int part = 0; part < kParts; ++part) {
        WriteMany(sink, part, 300);
        written = part + 1;
        written.notify_one();
        std::this_thread::sleep_for(std::chrono::milliseconds(6));
      }
    });
    int rotations = 0;
    for (int seen = 0; seen < kParts; ++rotations) {
      Rotate(directives);
      for (const int noticed = std::min(kParts, written + 2); (seen = written) < noticed;) written.wait(seen);
    }
    writer.join();
    EXPECT_GT(rotations, 3);
    EXPECT_GT(dir_.names().size(), 3U);
    ExpectAllLines(dir_, 100, 300);
  }

  TempDir dir_, state_;
  const std::string path_ = dir_ / "app.log";
};

// REQ L-11
TEST_F(LogrotateTest, CreateAndSighup) {
  reopen_on_sighup();
  RotateWhileWriting("create 0640\ncompress\ndelaycompress\nsharedscripts\npostrotate\nkill -HUP " +
                         std::to_string(getpid()) + "\nendscript",
                     /*check_ms=*/60'000);  // the signal alone: who looks by himself may come before `create`
}

TEST_F(LogrotateTest, RenamedWithoutASignal) { RotateWhileWriting("nocreate", /*check_ms=*/5); }

TEST_F(LogrotateTest, CopyTruncate) {
  FileSink sink(path_, {});
  for (int part = 0; part < 10; ++part) {
    WriteMany(sink, part, 300);
    Rotate("copytruncate");  // what is written between its copy and its truncate is lost, whoever writes
  }
  WriteMany(sink, 10, 300);
  EXPECT_EQ(Contents(path_).find('\0'), std::string::npos);
  EXPECT_EQ(dir_.names().size(), 11U);
  ExpectAllLines(dir_, 11, 300);
}

}  // namespace
}  // namespace taffrail::sink
