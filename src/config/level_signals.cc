// SIGUSR1 and SIGUSR2 as one level more and one level less.
//
// The handler writes one byte into a pipe and does nothing else; a thread that reads the pipe sets the level,
// for that takes locks.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "config/thread.h"
#include "record/level.h"
#include "taffrail/config_file.h"
#include "taffrail/log.h"

namespace taffrail {
namespace config {
namespace {

constexpr char kMore = '+', kLess = '-', kStop = '.';

// For the handler, which may touch nothing else. The pipe is never closed, so that a handler that is running
// cannot write into another file.
std::atomic<int> pipe_end{-1};
std::atomic<pid_t> owner{0};  // a forked child has the handler but not the thread, and shares the pipe

extern "C" void OnLevelSignal(int signal) {
  const int saved_errno = errno;
  if (owner.load(std::memory_order_relaxed) == getpid()) {
    const char step = signal == SIGUSR1 ? kMore : kLess;
    // A full pipe holds thousands of steps already.
    [[maybe_unused]] const ssize_t written = write(pipe_end.load(std::memory_order_relaxed), &step, 1);
  }
  errno = saved_errno;
}

void Step(char step) {
  constexpr std::array kLevels = {Level::kTrace,   Level::kDebug, Level::kInfo,
                                  Level::kWarning, Level::kError, Level::kCritical};
  const auto now = static_cast<Level>(detail::find_logger("").threshold.load_relaxed());
  Level next = now;
  if (step == kMore) {
    for (const Level level : kLevels) {
      if (level < now) next = level;
    }
  } else {
    for (size_t i = kLevels.size(); i-- > 0;) {
      if (kLevels[i] > now) next = kLevels[i];
    }
  }
  if (next == now) return;
  set_level("", next);
  static const Logger log("taffrail.config");
  log.info("Log level changed by a signal", kv("root_level", record::LevelName(next)));
}

// The default is to end the process: who sends the signal a moment too late does not mean that.
void Restore(int signal, struct sigaction before) {
  if ((before.sa_flags & SA_SIGINFO) == 0 && before.sa_handler == SIG_DFL) before.sa_handler = SIG_IGN;
  sigaction(signal, &before, nullptr);
}

// Thread-safe.
class LevelSignals {
 public:
  static LevelSignals& Get() {
    static LevelSignals* const signals = new LevelSignals;
    return *signals;
  }

  bool On() {
    const absl::MutexLock lock(&mutex_);
    if (worker_.RunsHere()) return true;
    // A pipe of this process's own: a forked child shares its parent's.
    if (pipe_[0] < 0 || owner.load(std::memory_order_relaxed) != getpid()) {
      if (pipe2(pipe_.data(), O_CLOEXEC) != 0) return false;
      fcntl(pipe_[1], F_SETFL, O_NONBLOCK);  // the handler's end
    }
    pipe_end.store(pipe_[1], std::memory_order_relaxed);
    owner.store(getpid(), std::memory_order_relaxed);
    worker_.Start("taffrail-level", [from = pipe_[0]] { Run(from); });
    struct sigaction action = {};
    action.sa_handler = OnLevelSignal;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    return sigaction(SIGUSR1, &action, &before_[0]) == 0 && sigaction(SIGUSR2, &action, &before_[1]) == 0;
  }

  bool Off() {
    const absl::MutexLock lock(&mutex_);
    if (!worker_.RunsHere()) return true;
    Restore(SIGUSR1, before_[0]);
    Restore(SIGUSR2, before_[1]);
    while (write(pipe_[1], &kStop, 1) != 1) std::this_thread::yield();  // full of steps, being read
    worker_.Join();
    return true;
  }

 private:
  static void Run(int from) {
    while (true) {
      char step = 0;
      const ssize_t size = read(from, &step, 1);
      if (size < 0 && errno == EINTR) continue;
      if (size != 1 || step == kStop) return;
      Step(step);
    }
  }

  absl::Mutex mutex_;
  std::array<int, 2> pipe_ ABSL_GUARDED_BY(mutex_) = {-1, -1};
  Worker worker_ ABSL_GUARDED_BY(mutex_);
  std::array<struct sigaction, 2> before_ ABSL_GUARDED_BY(mutex_) = {};
};

}  // namespace
}  // namespace config

bool level_signals(bool on) {
  auto& signals = config::LevelSignals::Get();
  return on ? signals.On() : signals.Off();
}

}  // namespace taffrail
