// spdlog: JSON made by its pattern and by hand in the message, as its users do; nothing is escaped. Variants:
// "async" (its thread pool with the default queue, which blocks when full) and "sync".
#include <spdlog/async.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>

#include "harness/main.h"

namespace {

constexpr const char* kPattern =
    R"({"timestamp":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","service":"bench","logger":"%n",%v})";
constexpr const char* kLine =
    R"("message":"Task created successfully","metadata":{{"request_id":"{}","user_id":"{}",)"
    R"("organization_id":"{}","duration_ms":{},"status_code":{},"path":"{}"}})";

class Spdlog {
 public:
  void Start(const bench::Setup& setup) {
    if (setup.variant == "async") {
      log_ = spdlog::basic_logger_mt<spdlog::async_factory>("tasks.service", setup.file);
    } else {
      log_ = spdlog::basic_logger_mt("tasks.service", setup.file);
    }
    log_->set_pattern(kPattern, spdlog::pattern_time_type::utc);
    log_->set_level(spdlog::level::info);
  }

  [[gnu::always_inline]] void Log(const bench::Workload& w, int number) {
    log_->info(kLine, w.request_id, w.user_id, w.organization_id, number, w.status_code, w.path);
  }

  [[gnu::always_inline]] void LogDisabled(const bench::Workload& w, int number) {
    log_->debug(kLine, w.request_id, w.user_id, w.organization_id, number, w.status_code, w.path);
  }

  // The pool cannot be waited for: its queue is empty once its only thread took the flush, which it does
  // after all lines before; then one more flush, taken after the first was done.
  void Flush() {
    log_->flush();
    if (const auto pool = spdlog::thread_pool()) {
      for (int i = 0; i < 2; ++i) {
        log_->flush();
        while (pool->queue_size() != 0) std::this_thread::sleep_for(std::chrono::microseconds(50));
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));  // the last flush itself: an empty buffer
    }
  }

 private:
  std::shared_ptr<spdlog::logger> log_;
};

}  // namespace

int main(int argc, char** argv) { return bench::Main<Spdlog>(argc, argv); }
