// Lines at the edges of a process: before main, at exit, in static destructors. Each runs in a process of its
// own.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "taffrail/config.h"
#include "taffrail/log.h"

namespace taffrail {
namespace {

bool IsChild() { return std::getenv("TAFFRAIL_EXIT_TEST_CHILD") != nullptr; }

// Constructed before anything of the library, so destroyed after it has flushed at exit.
struct Edge {
  Edge() {
    if (IsChild()) Logger("edge").info("before main");
  }
  ~Edge() {
    if (IsChild()) Logger("edge").info("after main", kv("n", 1));
  }
} edge;

std::vector<std::string> LinesOf(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::string LogPath() {
  return (std::filesystem::temp_directory_path() /
          ("taffrail_exit_test_" + std::to_string(getpid()) + ".log"))
      .string();
}

void InitTo(const std::string& path) {
  Config config;
  config.sinks = {{file_sink(path), Level::kTrace, "nested"}};
  init(config);
}

// REQ L-10
TEST(Exit, NothingThatWasLoggedIsLost) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  constexpr int kThreads = 4;
  constexpr int kLines = 5'000;
  const std::string path = LogPath();
  std::filesystem::remove(path);
  setenv("TAFFRAIL_EXIT_TEST_PATH", path.c_str(), 0);  // the child is a new process with its own LogPath()
  EXPECT_EXIT(
      {
        InitTo(std::getenv("TAFFRAIL_EXIT_TEST_PATH"));
        const Logger log("exit");
        for (int t = 0; t < kThreads; ++t) {
          std::jthread([&] {
            for (int i = 0; i < kLines; ++i) log.info("line", kv("i", i));
          }).join();
        }
        log.info("last");
        std::exit(0);
      },
      testing::ExitedWithCode(0), "");
  const auto lines = LinesOf(path);
  ASSERT_EQ(lines.size(), kThreads * kLines + 1U);
  EXPECT_NE(lines.back().find("\"last\""), std::string::npos);
  std::filesystem::remove(path);
  unsetenv("TAFFRAIL_EXIT_TEST_PATH");
}

TEST(Exit, LinesBeforeAndAfterMainAreWritten) {
  const std::string command = "TAFFRAIL_EXIT_TEST_CHILD=1 SERVICE_NAME=edge " +
                              std::filesystem::read_symlink("/proc/self/exe").string() +
                              " --gtest_filter=None --gtest_brief=1";
  FILE* child = popen(command.c_str(), "r");
  ASSERT_NE(child, nullptr);
  std::string output;
  std::array<char, 4096> buffer;
  while (const size_t size = fread(buffer.data(), 1, buffer.size(), child))
    output.append(buffer.data(), size);
  EXPECT_EQ(pclose(child), 0);
  EXPECT_NE(output.find(R"("service":"edge","logger":"edge","message":"before main"})"), std::string::npos)
      << output;
  EXPECT_NE(output.find(R"("message":"after main","metadata":{"n":1}})"), std::string::npos) << output;
}

TEST(Exit, AfterShutdownLinesAreWrittenAtOnce) {
  const std::string path = LogPath();
  std::filesystem::remove(path);
  InitTo(path);
  const Logger log("exit");
  log.info("queued");
  EXPECT_TRUE(shutdown());
  EXPECT_EQ(LinesOf(path).size(), 1U);
  log.info("at once");
  EXPECT_EQ(LinesOf(path).size(), 2U);
  std::filesystem::remove(path);
}

// REQ L-13
TEST(FromEnv, ReadsTheVariablesOfTheStacks) {
  setenv("SERVICE_NAME", "api", 1);
  setenv("ENVIRONMENT", "production", 1);
  setenv("APP_VERSION", "1.2", 1);
  setenv("LOG_LEVEL", "debug", 1);
  setenv("LOG_FORMAT", "text", 1);
  Config config = Config::from_env();
  EXPECT_EQ(config.service, "api");
  EXPECT_EQ(config.environment, "production");
  EXPECT_EQ(config.version, "1.2");
  EXPECT_EQ(config.level, Level::kDebug);
  EXPECT_EQ(config.layout, "text");
  setenv("LOG_LEVEL", "loud", 1);  // told on the standard error; the default stands
  setenv("SERVICE_VERSION", "2", 1);
  config = Config::from_env();
  EXPECT_EQ(config.level, Level::kInfo);
  EXPECT_EQ(config.version, "2");
  for (const char* name :
       {"SERVICE_NAME", "ENVIRONMENT", "APP_VERSION", "LOG_LEVEL", "LOG_FORMAT", "SERVICE_VERSION"}) {
    unsetenv(name);
  }
}

}  // namespace
}  // namespace taffrail
