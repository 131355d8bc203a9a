// A process that dies after numbered lines, and one that comes after it with the same directories. What is
// left in the file is judged by report/crash.py.
#pragma once

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <thread>

#include "harness/library.h"
#include "harness/options.h"

namespace bench {

[[noreturn]] inline void Kill() {
  kill(getpid(), SIGKILL);
  while (true) pause();
}

[[noreturn]] inline void WriteToNull() {
  const rlimit no_core{};
  setrlimit(RLIMIT_CORE, &no_core);  // the file would be all that this machine does for a while
  volatile int* volatile nowhere = nullptr;
  *nowhere = 1;
  while (true) pause();
}

// --end fast: killed when the last call returned. paced: the same at 100 000 lines a second. idle: killed a
// second after the last. segv: a write to null after the last.
template <Library L>
void Crash(L& library, const Options& options) {
  constexpr int kLinesPerSlice = 100;
  Setup setup = options.setup();
  setup.fatal_signals = options.end == "segv";
  library.Start(setup);
  const Workload w;
  for (int i = 0; i < options.lines; ++i) {
    library.Log(w, i);
    if (options.end == "paced" && i % kLinesPerSlice == kLinesPerSlice - 1 && i + 1 < options.lines) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  if (options.end == "idle") std::this_thread::sleep_for(std::chrono::seconds(1));
  if (options.end == "segv") WriteToNull();
  if (options.end == "fast" || options.end == "paced" || options.end == "idle") Kill();
  throw std::invalid_argument("no such end: " + options.end);
}

// The next start: whatever a library does then about the lines of the one before.
template <Library L>
void StartAgain(L& library, const Options& options) {
  library.Start(options.setup());
  library.Flush();
}

}  // namespace bench
