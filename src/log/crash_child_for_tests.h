// A process of its own that logs until it is killed, for tests of what is left then: this test program again,
// as the test CrashChild.DISABLED_Run (crash_child_test.cc).
#pragma once

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace taffrail::log {

inline constexpr int kChildThreads = 8;

// A directory that goes with the test; in it the queue, the log, and the child's own count of its lines.
class CrashScene {
 public:
  CrashScene() {
    std::string name = (std::filesystem::temp_directory_path() / "taffrail_crash_XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    dir_ = name;
  }
  ~CrashScene() { std::filesystem::remove_all(dir_); }
  CrashScene(const CrashScene&) = delete;
  CrashScene& operator=(const CrashScene&) = delete;

  std::string queue_dir() const { return (dir_ / "queue").string(); }
  std::string log() const { return (dir_ / "app.log").string(); }
  std::string errors() const { return (dir_ / "stderr").string(); }

  // Starts the child. `mode`: see crash_child_test.cc.
  pid_t Start(const std::string& mode, int64_t lines = -1) const {
    const pid_t pid = fork();
    if (pid != 0) return pid;
    setenv("TAFFRAIL_CRASH_MODE", mode.c_str(), 1);
    setenv("TAFFRAIL_CRASH_DIR", dir_.c_str(), 1);
    setenv("TAFFRAIL_CRASH_LINES", std::to_string(lines).c_str(), 1);
    LeaveSignalsToUs();
    if (freopen(errors().c_str(), "a", stderr) == nullptr) _exit(126);
    if (freopen("/dev/null", "w", stdout) == nullptr) _exit(126);
    execl("/proc/self/exe", "log_test", "--gtest_also_run_disabled_tests",
          "--gtest_filter=CrashChild.DISABLED_Run", nullptr);
    _exit(127);
  }
  // Its status, as of waitpid.
  static int Wait(pid_t pid) {
    int status = 0;
    while (waitpid(pid, &status, 0) < 0) {
    }
    return status;
  }
  // Runs the child to its end in this mode.
  int Run(const std::string& mode, int64_t lines = -1) const { return Wait(Start(mode, lines)); }

  // Lines that each thread of all children so far has logged, as it counted itself after each call.
  using Counts = std::array<std::atomic<int64_t>, kChildThreads>;
  static Counts* MapCounts(const std::filesystem::path& dir) {
    std::ofstream(dir / "counts", std::ios::app).close();
    std::filesystem::resize_file(dir / "counts", sizeof(Counts));
    FILE* file = fopen((dir / "counts").c_str(), "r+");
    void* data = mmap(nullptr, sizeof(Counts), PROT_READ | PROT_WRITE, MAP_SHARED, fileno(file), 0);
    fclose(file);
    return data == MAP_FAILED ? nullptr : static_cast<Counts*>(data);
  }
  Counts& counts() {
    if (counts_ == nullptr) counts_ = MapCounts(dir_);
    return *counts_;
  }

  static std::vector<std::string> LinesOf(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }
  std::vector<std::string> Lines() const { return LinesOf(log()); }

 private:
  // A sanitizer would take fatal signals for itself, and end the process with an exit code.
  static void LeaveSignalsToUs() {
    for (const char* name : {"ASAN_OPTIONS", "TSAN_OPTIONS"}) {
      const char* const present = std::getenv(name);
      std::string options = present == nullptr ? "" : std::string(present) + ":";
      for (const char* signal : {"segv", "sigbus", "sigfpe", "sigill", "abort"})
        options += std::string("handle_") + signal + "=0:";
      setenv(name, (options + "use_sigaltstack=0").c_str(), 1);
    }
  }

  std::filesystem::path dir_;
  Counts* counts_ = nullptr;
};

}  // namespace taffrail::log
