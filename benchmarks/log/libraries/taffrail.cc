// Taffrail as a service sets it up: everything at its default, but for the queue, which lives in files so
// that nothing is lost (what the production preset switches on). Variant "memory": the queue in memory alone;
// "redact": with redaction, as that preset has it too.
#include <taffrail/config.h>
#include <taffrail/log.h>

#include "harness/main.h"

namespace {

using taffrail::kv;

class Taffrail {
 public:
  void Start(const bench::Setup& setup) {
    taffrail::Config config;
    config.service = "bench";
    config.sinks = {{taffrail::file_sink(setup.file)}};
    config.layout = "nested";
    if (setup.variant != "memory") config.queue_dir = setup.queue_dir;
    config.redaction.enabled = setup.variant == "redact";
    config.fatal_signals = setup.fatal_signals;
    taffrail::init(std::move(config));
  }

  [[gnu::always_inline]] void Log(const bench::Workload& w, int number) {
    log_.info("Task created successfully", kv("request_id", w.request_id), kv("user_id", w.user_id),
              kv("organization_id", w.organization_id), kv("duration_ms", number),
              kv("status_code", w.status_code), kv("path", w.path));
  }

  [[gnu::always_inline]] void LogDisabled(const bench::Workload& w, int number) {
    log_.debug("Task created successfully", kv("request_id", w.request_id), kv("user_id", w.user_id),
               kv("organization_id", w.organization_id), kv("duration_ms", number),
               kv("status_code", w.status_code), kv("path", w.path));
  }

  void Flush() { taffrail::flush(60'000); }

 private:
  const taffrail::Logger log_{"tasks.service"};
};

}  // namespace

int main(int argc, char** argv) { return bench::Main<Taffrail>(argc, argv); }
