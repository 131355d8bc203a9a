// Configuration that changes while the program runs: by its file, and by signals. Real files, real signals.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "config/file_change.h"
#include "config/sink_spec.h"
#include "taffrail/config_file.h"
#include "taffrail/log.h"

namespace taffrail::config {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

bool Eventually(const std::function<bool()>& is_so) {
  for (int i = 0; i < 3'000; ++i) {  // half a minute: sanitizers on a busy machine
    if (is_so()) return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

void Write(const fs::path& path, std::string_view text) { std::ofstream(path) << text; }

// As editors and deployments do it.
void Replace(const fs::path& path, std::string_view text) {
  Write(path.string() + ".new", text);
  fs::rename(path.string() + ".new", path);
}

std::string ReadAll(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

class WatchTest : public testing::Test {
 protected:
  WatchTest()
      : dir_(fs::temp_directory_path() / ("taffrail_config_test_" + std::to_string(getpid()))),
        config_(dir_ / "taffrail.yaml"),
        log_(dir_ / "app.log") {
    fs::remove_all(dir_);
    fs::create_directories(dir_);
  }
  ~WatchTest() override {
    stop_watching_config();
    level_signals(false);
    init(Config{.sinks = {{std::make_shared<MemorySink>()}}});
    fs::remove_all(dir_);
  }

  std::string ToFile(std::string_view more) const {
    return "sinks: [{type: file, path: " + log_.string() + "}]\nlayout: nested\n" + std::string(more);
  }
  std::string Logged() const {
    flush();
    return ReadAll(log_);
  }

  const fs::path dir_, config_, log_;
};

// As Kubernetes mounts a ConfigMap.
void SwapConfigMap(const fs::path& dir, const std::string& version, std::string_view text) {
  fs::create_directories(dir / version);
  Write(dir / version / "taffrail.yaml", text);
  fs::remove(dir / "..data_tmp");
  fs::create_directory_symlink(version, dir / "..data_tmp");
  fs::rename(dir / "..data_tmp", dir / "..data");
}

TEST_F(WatchTest, EveryDirectoryOnTheWayIsKnown) {
  SwapConfigMap(dir_ / "map", "..v1", "level: INFO");
  fs::create_symlink("..data/taffrail.yaml", dir_ / "map/taffrail.yaml");
  fs::create_directory_symlink("map", dir_ / "current");
  EXPECT_THAT(DirectoriesOnTheWay((dir_ / "current/./taffrail.yaml").string()),
              ElementsAre(dir_.string(), (dir_ / "map").string(), (dir_ / "map/..v1").string()));
  fs::create_symlink("loop", dir_ / "loop");
  EXPECT_THAT(DirectoriesOnTheWay((dir_ / "loop").string()), ElementsAre(dir_.string()));
  EXPECT_THAT(DirectoriesOnTheWay("/taffrail-is-not-here.yaml"), ElementsAre("/"));
}

TEST_F(WatchTest, ChangesOfAllKindsAreTold) {
  SwapConfigMap(dir_, "..v1", "1");
  fs::create_symlink("..data/taffrail.yaml", config_);
  const std::vector<std::function<void()>> changes = {
      [&] { SwapConfigMap(dir_, "..v2", "2"); },
      [&] { Write(config_, "3"); },    // through the links, in place
      [&] { Replace(config_, "4"); },  // a file instead of the link
      [&] { Write(config_, "5"); },
      [&] { fs::remove(config_); },
      [&] { Write(config_, "6"); },
  };
  FileChange change(config_.string());
  for (const auto& make_change : changes) {
    change.Watch();
    make_change();
    EXPECT_TRUE(change.Wait());
  }
  change.Watch();
  change.Stop();
  EXPECT_FALSE(change.Wait());
}

// REQ L-02
TEST_F(WatchTest, AChangedFileChangesLevelsAndABrokenOneChangesNothing) {
  static const Logger log("tasks.service");
  Write(config_, ToFile("level: INFO\n"));
  const ConfigResult first = watch_config(config_.string());
  ASSERT_TRUE(first.ok()) << first.text();
  EXPECT_FALSE(log.enabled(Level::kDebug));

  Replace(config_, ToFile("level: INFO\nlevels: {tasks: DEBUG}\n"));
  ASSERT_TRUE(Eventually([] { return log.enabled(Level::kDebug); }));

  Write(config_, ToFile("level: INFO\nlevels: {tasks: LOUD}\nnonsense: 1\n"));
  ASSERT_TRUE(Eventually([&] { return Logged().find("Configuration refused") != std::string::npos; }));
  EXPECT_TRUE(log.enabled(Level::kDebug));
  EXPECT_THAT(Logged(), HasSubstr("levels.tasks must be a level"));
  EXPECT_THAT(Logged(), HasSubstr("there is no nonsense"));

  Replace(config_, ToFile("level: ERROR\n"));
  ASSERT_TRUE(Eventually([] { return !log.enabled(Level::kWarning); }));

  stop_watching_config();
  Replace(config_, ToFile("level: TRACE\n"));
  std::this_thread::sleep_for(200ms);
  EXPECT_FALSE(log.enabled(Level::kWarning));
}

TEST_F(WatchTest, AFileThatGoesAwayAndComesBack) {
  static const Logger log("gone");
  Write(config_, ToFile("level: INFO\n"));
  ASSERT_TRUE(watch_config(config_.string()).ok());
  fs::remove(config_);
  ASSERT_TRUE(Eventually([&] { return Logged().find("Configuration is gone") != std::string::npos; }));
  EXPECT_TRUE(log.enabled(Level::kInfo));
  Write(config_, ToFile("level: TRACE\n"));
  ASSERT_TRUE(Eventually([] { return log.enabled(Level::kTrace); }));
}

TEST_F(WatchTest, TheCodeHasTheLastWordAgainAndAgain) {
  static const Logger log("adjusted"), other("other");
  Write(config_, ToFile("level: INFO\n"));
  const auto adjust = [](Config& config) { config.levels.emplace_back("adjusted", Level::kTrace); };
  ASSERT_TRUE(watch_config(config_.string(), adjust).ok());
  EXPECT_TRUE(log.enabled(Level::kTrace));
  Replace(config_, ToFile("level: ERROR\n"));
  ASSERT_TRUE(Eventually([] { return !other.enabled(Level::kInfo); }));
  EXPECT_TRUE(log.enabled(Level::kTrace));
}

TEST_F(WatchTest, WhatCannotBeReadOrIsBrokenAtTheStartChangesNothing) {
  EXPECT_THAT(watch_config((dir_ / "missing.yaml").string()).text(), HasSubstr("missing.yaml"));
  Write(config_, "level: [");
  EXPECT_FALSE(init_from(config_.string()).ok());
  EXPECT_FALSE(init_from(dir_.string()).ok());  // a directory
  EXPECT_FALSE(fs::exists(log_));
}

TEST_F(WatchTest, TheEnvironmentMayNameTheFile) {
  static const Logger log("from.variable");
  Write(config_, ToFile("level: TRACE\n"));
  setenv("TAFFRAIL_CONFIG", config_.c_str(), 1);
  EXPECT_TRUE(init_from("/nowhere").ok());
  EXPECT_TRUE(log.enabled(Level::kTrace));
  unsetenv("TAFFRAIL_CONFIG");
  EXPECT_TRUE(init_from().ok());
  EXPECT_FALSE(log.enabled(Level::kTrace));
}

TEST_F(WatchTest, SinksThatDidNotChangeStayOpen) {
  SinkFactory factory;
  std::vector<SinkSpec> specs(3);
  specs[1].type = SinkType::kFile;
  specs[1].path = (dir_ / "a").string();
  specs[2].type = SinkType::kFiles;
  specs[2].path = dir_.string();
  const auto before = factory.Make(specs);
  ASSERT_EQ(before.size(), 7U);  // five categories
  specs[1].path = (dir_ / "b").string();
  const auto after = factory.Make(specs);
  ASSERT_EQ(after.size(), 7U);
  for (size_t i = 0; i < after.size(); ++i) EXPECT_EQ(after[i].sink == before[i].sink, i != 1) << i;
  EXPECT_EQ(after[2].categories, before[2].categories);

  const std::vector<SinkSpec> twins(2);
  EXPECT_EQ(factory.Make(twins).size(), 2U);
  EXPECT_EQ(factory.Make(twins).size(), 2U);
}

// REQ L-02
TEST_F(WatchTest, SignalsMoveTheRootLevelByOne) {
  static const Logger log("signals");
  const auto least = [] {
    for (const Level level :
         {Level::kTrace, Level::kDebug, Level::kInfo, Level::kWarning, Level::kError, Level::kCritical}) {
      if (log.enabled(level)) return level;
    }
    return Level::kOff;
  };
  Write(config_, ToFile("level: INFO\nlevel_signals: true\n"));
  ASSERT_TRUE(init_from(config_.string()).ok());
  raise(SIGUSR1);
  EXPECT_TRUE(Eventually([&] { return least() == Level::kDebug; }));
  raise(SIGUSR1);
  raise(SIGUSR1);
  raise(SIGUSR1);  // there is nothing below TRACE
  EXPECT_TRUE(Eventually([&] { return least() == Level::kTrace; }));
  raise(SIGUSR2);
  EXPECT_TRUE(Eventually([&] { return least() == Level::kDebug; }));
  for (int i = 0; i < 10; ++i) raise(SIGUSR2);
  EXPECT_TRUE(Eventually([&] { return least() == Level::kCritical; }));
  EXPECT_THAT(Logged(), HasSubstr("Log level changed by a signal"));

  // The earlier handler comes back when the file takes the key out.
  static std::atomic<int> heard{0};
  EXPECT_TRUE(level_signals(false));
  std::signal(SIGUSR1, [](int) { heard.fetch_add(1); });
  EXPECT_TRUE(level_signals());
  EXPECT_TRUE(level_signals());
  EXPECT_TRUE(level_signals(false));
  raise(SIGUSR1);
  EXPECT_EQ(heard.load(), 1);
  std::signal(SIGUSR1, SIG_DFL);
}

#ifndef __SANITIZE_THREAD__  // which knows nothing of forked children
TEST_F(WatchTest, AForkedChildIsOnItsOwn) {
  static const Logger log("forked");
  Write(config_, ToFile("level: INFO\nlevel_signals: true\n"));
  ASSERT_TRUE(watch_config(config_.string()).ok());
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);       // instead of hanging
    raise(SIGUSR1);  // is not the parent's
    stop_watching_config();
    level_signals(false);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_FALSE(log.enabled(Level::kDebug));
  // The parent's own go on.
  raise(SIGUSR1);
  EXPECT_TRUE(Eventually([] { return log.enabled(Level::kDebug); }));
  Replace(config_, ToFile("level: ERROR\n"));
  EXPECT_TRUE(Eventually([] { return !log.enabled(Level::kInfo); }));
}
#endif

// Everything at once, for ThreadSanitizer; and no line is lost, twice or torn.
TEST_F(WatchTest, ReconfiguringWhileThreadsLog) {
  constexpr int kThreads = 4, kLines = 3'000, kChanges = 12;
  Write(config_, ToFile("level: INFO\nlevel_signals: true\n"));
  ASSERT_TRUE(watch_config(config_.string()).ok());
  std::atomic<bool> done{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([t] {
      const Logger log("worker." + std::to_string(t));
      for (int i = 0; i < kLines; ++i) {
        log.critical("line", kv("id", t * kLines + i));
        if (i % 100 == 0) set_level("worker", i % 200 == 0 ? Level::kTrace : Level::kInfo);
      }
    });
  }
  std::thread signals([&] {
    while (!done.load()) {
      kill(getpid(), SIGUSR1);
      kill(getpid(), SIGUSR2);
      std::this_thread::sleep_for(1ms);
    }
  });
  for (int i = 0; i < kChanges; ++i) {
    const bool even = i % 2 == 0;
    Replace(config_, i % 3 == 2 ? "broken: ["
                                : ToFile(even ? "level: INFO\ntimestamps: us\n" : "level_signals: true\n"));
    std::this_thread::sleep_for(70ms);
  }
  done = true;
  signals.join();
  for (std::thread& thread : threads) thread.join();
  stop_watching_config();

  std::set<std::string> ids;
  size_t lines = 0;
  std::istringstream logged(Logged());
  for (std::string line; std::getline(logged, line);) {
    ASSERT_TRUE(line.starts_with("{\"timestamp\"") && line.ends_with("}")) << line;
    const size_t id = line.find("\"id\":");
    if (id == std::string::npos) continue;
    ++lines;
    ids.insert(line.substr(id, line.find('}', id) - id));
  }
  EXPECT_EQ(lines, size_t{kThreads} * kLines);
  EXPECT_EQ(ids.size(), lines);
}

}  // namespace
}  // namespace taffrail::config
