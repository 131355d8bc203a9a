// Processes that are killed, and what the next one writes.
#include "log/recovery.h"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <random>
#include <thread>

#include "log/crash_child_for_tests.h"

namespace taffrail::log {
namespace {

// All lines of all threads are in the log: each once, in the thread's order, none torn. A thread may have
// been killed between its call and its count: one line more.
void ExpectAll(CrashScene& scene, const std::string& when) {
  std::map<int, int64_t> next;
  for (const std::string& line : scene.Lines()) {
    ASSERT_TRUE(line.starts_with("{\"timestamp\":\"20") && line.ends_with("}")) << when << ": " << line;
    if (line.find("\"logger\":\"crash.") == std::string::npos) continue;  // "Recovered lines …"
    const auto number = [&line](const std::string& key) {
      const size_t at = line.find("\"" + key + "\":");
      return at == std::string::npos ? -1 : std::stoll(line.substr(at + key.size() + 3));
    };
    const int t = static_cast<int>(number("t"));
    const int64_t n = number("n");
    ASSERT_EQ(n, next[t]) << when << ", thread " << t << ": " << line.substr(0, 300);
    ++next[t];
    ASSERT_EQ(number("check"), n * 7) << when << ": " << line;
    ASSERT_EQ(number("scope"), n) << when << ": " << line;
    ASSERT_EQ(number("bound"), n % 4 == 1 ? t : -1) << when << ": " << line;
  }
  for (int t = 0; t < kChildThreads; ++t) {
    const int64_t counted = scene.counts()[t].load();
    EXPECT_GE(next[t], counted) << when << ", thread " << t;
    EXPECT_LE(next[t], counted + 1) << when << ", thread " << t;
    scene.counts()[t].store(next[t]);  // the child after goes on from here
  }
}

void KillAfter(pid_t pid, std::chrono::microseconds time) {
  std::this_thread::sleep_for(time);
  kill(pid, SIGKILL);
  const int status = CrashScene::Wait(pid);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;  // and of nothing else
}

// Under a sanitizer, where a start takes ten times as long, only what runs at all counts.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr int kKills = 3;
#else
constexpr int kKills = 12;
#endif
int Kills() {
  const char* kills = std::getenv("TAFFRAIL_KILLS");
  return kills == nullptr ? kKills : std::atoi(kills);
}

// REQ L-10
TEST(Recovery, NothingIsLostByAKillAtFullSpeed) {
  CrashScene scene;
  std::mt19937 random(1);
  for (int i = 0; i < Kills(); ++i) {
    KillAfter(scene.Start("full"), std::chrono::microseconds(5'000 + random() % 120'000));
    ASSERT_EQ(scene.Run("recover"), 0);
    ExpectAll(scene, "kill " + std::to_string(i));
    if (HasFailure()) return;
  }
}

// REQ L-10
TEST(Recovery, NothingIsLostByAKillWhenPacedOrIdle) {
  CrashScene scene;
  KillAfter(scene.Start("paced"), std::chrono::milliseconds(300));
  ASSERT_EQ(scene.Run("recover"), 0);
  ExpectAll(scene, "paced");
  KillAfter(scene.Start("idle", 100), std::chrono::milliseconds(300));
  ASSERT_EQ(scene.Run("recover"), 0);
  ExpectAll(scene, "idle");
}

// REQ L-10
TEST(Recovery, MayBeKilledItself) {
  CrashScene scene;
  std::mt19937 random(2);
  for (int i = 0; i < Kills(); ++i) {
    KillAfter(scene.Start("full"), std::chrono::milliseconds(60));
    for (int again = 0; again < 3; ++again) {
      // Mostly within what a start and a recovery take.
      KillAfter(scene.Start("idle", 0), std::chrono::microseconds(random() % 30'000));
    }
    ASSERT_EQ(scene.Run("recover"), 0);
    ExpectAll(scene, "kill " + std::to_string(i));
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace taffrail::log
