// The child of the tests that kill and crash (crash_child_for_tests.h). Thread t logs t and its own n, which
// goes on from the child before.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <stdexcept>
#include <thread>

#include "log/crash_child_for_tests.h"
#include "taffrail/config.h"
#include "taffrail/context.h"
#include "taffrail/log.h"

namespace taffrail::log {
namespace {

using std::chrono::microseconds;

// The compiler must not know where, or it refuses to write there.
void Fault() {
  const volatile uintptr_t nowhere = 16;
  *reinterpret_cast<volatile int*>(nowhere) = 1;
}

void Init(const std::filesystem::path& dir, const std::string& mode) {
  Config config;
  config.service = "crash";
  config.queue_dir = (dir / "queue").string();
  config.queue_bytes = 64 << 10;
  config.fatal_signals = true;
  config.source_from = Level::kOff;
  config.sinks = {{file_sink((dir / "app.log").string()), Level::kTrace, "nested"}};
  if (mode == "backend") {
    config.sinks.push_back({function_sink([](const Batch& batch) {
      if (batch.text.find("now") != std::string_view::npos) Fault();
      return true;
    })});
  }
  init(config);
}

// Every kind of line: with a scope, of a bound logger, with fields by value and encoded ones, large ones.
void LogOne(const Logger& log, const BoundLogger& bound, int t, int64_t n, const std::string& large) {
  const Scope scope({{"scope", n}});
  switch (n % 4) {
    case 0:
      return log.info("line", kv("t", t), kv("n", n), kv("check", n * 7));
    case 1:
      return bound.info("line", kv("t", t), kv("n", n), kv("check", n * 7));
    case 2:
      return log.info("line " + std::to_string(n), {{"t", t}, {"n", n}, {"check", n * 7}});
    default:
      if (n % 256 != 3) return log.warning("line", {{"t", t}, {"n", n}, {"check", n * 7}});
      return log.warning("line", kv("t", t), kv("n", n), kv("large", large), kv("check", n * 7));
  }
}

void Produce(int t, std::atomic<int64_t>& count, int64_t lines, microseconds pause) {
  const Logger log("crash." + std::to_string(t));
  const BoundLogger bound = log.with({{"bound", t}});
  const std::string large(20'000, 'x');
  for (int64_t i = 0; lines < 0 || i < lines; ++i) {
    const int64_t n = count.load(std::memory_order_relaxed);
    LogOne(log, bound, t, n, large);
    count.store(n + 1, std::memory_order_relaxed);
    if (pause.count() != 0) std::this_thread::sleep_for(pause);
  }
}

[[gnu::noinline]] int Overflow(int depth) {
  volatile char frame[4096];
  frame[0] = static_cast<char>(depth);
  return depth == 1 << 30 ? 0 : Overflow(depth + 1) + frame[0];
}

void Crash(const std::string& mode) {
  const Scope scope({{"doing", mode}});
  if (mode == "backend") {
    Logger("now").info("now");
    std::this_thread::sleep_for(std::chrono::hours(1));
  }
  if (mode == "segv") Fault();
  if (mode == "abort") std::abort();
  if (mode == "overflow") Overflow(0);
  if (mode == "terminate") {
    std::thread([] { throw std::runtime_error("nobody catches this"); }).join();
  }
  if (mode == "two") {
    std::thread([] { std::abort(); }).detach();
    Fault();
  }
  if (mode == "term") raise(SIGTERM);
}

// Children of a process whose threads log meanwhile; every other one ends without any ado.
void Fork() {
  const Logger log("forked");
  const Scope scope({{"inherited", true}});
  for (int child = 0; child < 20; ++child) {
    const pid_t pid = fork();
    if (pid == 0) {
      for (int i = 0; i < 3; ++i) log.info("in a child", kv("child", child), kv("i", i));
      child % 2 == 0 ? _exit(0) : std::exit(0);
    }
    CrashScene::Wait(pid);
  }
}

// Not a test: what the tests start.
TEST(CrashChild, DISABLED_Run) {
  const std::string mode = std::getenv("TAFFRAIL_CRASH_MODE");
  const std::filesystem::path dir = std::getenv("TAFFRAIL_CRASH_DIR");
  const int64_t lines = std::stoll(std::getenv("TAFFRAIL_CRASH_LINES"));
  CrashScene::Counts* const counts = CrashScene::MapCounts(dir);
  Init(dir, mode);
  if (mode == "recover") return;  // the start alone writes what others left
  const microseconds pause(mode == "paced" ? 500 : 0);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kChildThreads; ++t)
      threads.emplace_back([t, counts, lines, pause] { Produce(t, (*counts)[t], lines, pause); });
    if (mode == "forks") Fork();
  }
  if (mode == "forks") return;
  Crash(mode);
  if (mode == "idle" || mode == "full" || mode == "paced") std::this_thread::sleep_for(std::chrono::hours(1));
}

}  // namespace
}  // namespace taffrail::log
