// Logs numbered lines from four threads until it is killed: for recover_test.py.
//
//   crash_program QUEUE_DIR LOG [LINES]     with LINES: so many from each thread, "ready", and wait
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include "taffrail/config.h"
#include "taffrail/log.h"

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const long lines = argc > 3 ? std::atol(argv[3]) : -1;
  taffrail::Config config;
  config.service = "crash";
  config.queue_dir = argv[1];
  config.sinks = {{taffrail::file_sink(argv[2]), taffrail::Level::kTrace, "nested"}};
  // Whoever asks for lines wants them to be still in the queue: the backend sleeps.
  if (lines >= 0) config.poll_ms_max = 60'000;
  taffrail::init(config);
  if (lines >= 0) std::this_thread::sleep_for(std::chrono::milliseconds(200));
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([t, lines] {
        const taffrail::Logger log("crash");
        for (long n = 0; lines < 0 || n < lines; ++n) {
          log.info("line", taffrail::kv("t", t), taffrail::kv("n", n));
        }
      });
    }
  }
  std::puts("ready");
  std::fflush(stdout);
  std::this_thread::sleep_for(std::chrono::hours(1));
}
