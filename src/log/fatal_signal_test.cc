// Processes that crash: the line, the exit status, and everything that was logged before.
#include <gtest/gtest.h>

#include <csignal>

#include "log/crash_child_for_tests.h"

namespace taffrail::log {
namespace {

constexpr int kLines = 500;

// The child logs, then crashes; its lines are all there without any recovery.
std::vector<std::string> CrashLines(const std::string& mode, int signal) {
  CrashScene scene;
  const int status = scene.Run(mode, kLines);
  EXPECT_TRUE(WIFSIGNALED(status)) << mode;
  EXPECT_EQ(WTERMSIG(status), signal) << mode;
  std::vector<std::string> lines;
  int logged = 0;
  for (const std::string& line : scene.Lines()) {
    EXPECT_TRUE(line.starts_with("{") && line.ends_with("}")) << mode << line;
    line.find("\"logger\":\"crash.") == std::string::npos ? lines.push_back(line) : void(++logged);
  }
  EXPECT_EQ(logged, kLines * kChildThreads) << mode;
  return lines;
}

// REQ L-10
TEST(FatalSignal, IsTold) {
  struct Case {
    const char* mode;
    int signal;
    const char* name;
  };
  for (const Case& expected : {Case{"segv", SIGSEGV, "SIGSEGV"}, Case{"abort", SIGABRT, "SIGABRT"},
                               Case{"overflow", SIGSEGV, "SIGSEGV"}, Case{"terminate", SIGABRT, "SIGABRT"}}) {
    const auto lines = CrashLines(expected.mode, expected.signal);
    ASSERT_FALSE(lines.empty()) << expected.mode;
    const std::string& line = lines.back();
    EXPECT_NE(line.find("\"level\":\"CRITICAL\""), std::string::npos) << line;
    EXPECT_NE(line.find("\"message\":\"Fatal signal\""), std::string::npos) << line;
    EXPECT_NE(line.find(std::string("\"signal\":\"") + expected.name), std::string::npos) << line;
    EXPECT_NE(line.find("log_test+0x"), std::string::npos) << line;  // the stack
    EXPECT_NE(
        line.find("\"context\":{\"doing\":\"" + std::string(expected.mode) + "\"}") != std::string::npos,
        std::string(expected.mode) == "terminate")
        << line;
    if (std::string(expected.mode) == "segv") {
      EXPECT_NE(line.find("\"address\":\"0x10\""), std::string::npos) << line;
    }
    if (std::string(expected.mode) == "terminate") {
      EXPECT_NE(lines.front().find("nobody catches this"), std::string::npos) << lines.front();
    }
  }
}

// REQ L-10
TEST(FatalSignal, TwoAtOnceEndTheProcess) {
  CrashScene scene;
  const int status = scene.Run("two", kLines);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_TRUE(WTERMSIG(status) == SIGSEGV || WTERMSIG(status) == SIGABRT) << WTERMSIG(status);
  EXPECT_GE(scene.Lines().size(), kLines * kChildThreads + 1U);
}

// REQ L-10
TEST(FatalSignal, OfTheBackendLeavesItsLineToTheNextStart) {
  CrashScene scene;
  const int status = scene.Run("backend", kLines);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGSEGV);
  ASSERT_EQ(scene.Run("recover"), 0);
  int fatal = 0;
  for (const std::string& line : scene.Lines()) fatal += line.find("\"Fatal signal\"") != std::string::npos;
  EXPECT_EQ(fatal, 1);
}

// REQ L-10
TEST(FatalSignal, TerminationWritesWhatIsQueuedAndSaysNothing) {
  EXPECT_TRUE(CrashLines("term", SIGTERM).empty());
}

// REQ L-10
TEST(Fork, EachLineIsWrittenByItsOwnProcessOnce) {
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
  // Their allocators do not know of fork(): a child inherits the lock that another thread held, for ever.
  GTEST_SKIP() << "a sanitizer's allocator does not survive fork() beside other threads";
#endif
  CrashScene scene;
  ASSERT_EQ(scene.Run("forks", 300), 0);
  ASSERT_EQ(scene.Run("recover"), 0);
  std::map<std::string, int> children;
  std::map<int, int64_t> next;
  for (const std::string& line : scene.Lines()) {
    ASSERT_TRUE(line.starts_with("{") && line.ends_with("}")) << line;
    const size_t child = line.find("\"child\":");
    if (child != std::string::npos) {
      ++children[line.substr(child, line.find_first_of(",}", child) - child)];
      EXPECT_NE(line.find("\"inherited\":true"), std::string::npos) << line;
      continue;
    }
    if (line.find("\"logger\":\"crash.") == std::string::npos) continue;
    const int t = std::stoi(line.substr(line.find("\"t\":") + 4));
    const int64_t n = std::stoll(line.substr(line.find("\"n\":") + 4));
    EXPECT_EQ(n, next[t]) << line;
    ++next[t];
  }
  for (int t = 0; t < kChildThreads; ++t) EXPECT_EQ(next[t], 300);
  EXPECT_EQ(children.size(), 20U);
  for (const auto& [child, lines] : children) EXPECT_EQ(lines, 3) << child;
  // Those that ended by _exit left an entry, which the next start wrote; no entry of any other is left.
  EXPECT_TRUE(std::filesystem::is_empty(scene.queue_dir()));
}

}  // namespace
}  // namespace taffrail::log
