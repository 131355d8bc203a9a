// The samples of docs/sinks.md.
#include <chrono>

#include "taffrail/config.h"
#include "taffrail/log.h"
#include "taffrail/ship.h"
#include "taffrail/sink_durable.h"
#include "taffrail/sink_file.h"
#include "taffrail/sink_syslog.h"
#include "taffrail/testing.h"

using taffrail::kv;

void rotate(taffrail::Config& config) {
  // [rotation]
  taffrail::FileOptions options;
  options.max_bytes = uint64_t{256} << 20;
  options.period = taffrail::RotationPeriod::kDaily;
  options.compression = taffrail::FileCompression::kZstd;
  options.keep_hours = 14 * 24;
  options.keep_bytes = uint64_t{10} << 30;
  config.sinks.push_back({taffrail::file_sink("/var/log/tasks/app.log", options)});
  taffrail::reopen_on_sighup();
  // [/rotation]

  // [categories]
  for (auto& sink : taffrail::category_files("/var/log/tasks", options)) config.sinks.push_back(sink);
  // [/categories]
}

void system_logs(taffrail::Config& config) {
  // [syslog]
  taffrail::SyslogConfig syslog;
  syslog.address = "tcp://loghost:601";
  syslog.facility = taffrail::SyslogFacility::kLocal0;
  syslog.structured_data = {{"env", "prod"}};
  config.sinks.push_back({taffrail::syslog_sink(syslog), taffrail::Level::kWarning});
  // [/syslog]

  // [journald]
  config.sinks.push_back({taffrail::journald_sink()});
  // [/journald]
}

// [durable]
class Webhook : public taffrail::Sink {
 public:
  bool write(const taffrail::Batch& batch) override {
    return deliver(batch).outcome == taffrail::Delivery::Outcome::kDone;
  }
  taffrail::Delivery deliver(const taffrail::Batch& batch) override {
    const int status = post(batch.text);
    if (status == 200) return {};
    if (status == 400) return {taffrail::Delivery::Outcome::kRefused, "answered 400"};
    return {taffrail::Delivery::Outcome::kRetry, "answered " + std::to_string(status)};
  }

 private:
  static int post(std::string_view body);
};

std::shared_ptr<taffrail::DurableSink> make_webhook() {
  return taffrail::durable_sink(std::make_shared<Webhook>(), {.spool_dir = "/var/spool/tasks/webhook"});
}
// [/durable]

int Webhook::post(std::string_view body) { return body.empty() ? 400 : 200; }

void loki(taffrail::Config& config) {
  // [loki]
  taffrail::LokiConfig loki;
  loki.url = "https://loki.example.com";
  loki.labels = {{"service", "tasks"}};
  loki.spool_dir = "/var/spool/tasks/loki";
  config.sinks.push_back({taffrail::loki_sink(loki)});
  // [/loki]
}

void recent(taffrail::Config& config) {
  // [ring]
  auto ring = std::make_shared<taffrail::MemorySink>(1'000, size_t{1} << 20);
  config.sinks.push_back({ring});
  const auto problems = ring->recent(50, taffrail::Level::kWarning);
  // [/ring]
  (void)problems;
}

bool capture(taffrail::Config& config, const taffrail::Logger& log) {
  // [capture]
  auto capture = std::make_shared<taffrail::CaptureSink>();
  config.sinks = {{capture, taffrail::Level::kTrace, "nested"}};
  config.synchronous = true;
  taffrail::init(config);
  log.info("Task created", kv("took", std::chrono::milliseconds(45)));
  // EXPECT_EQ(…, "") in GoogleTest: what is wrong is the message.
  const std::string wrong = capture->missing({{"message", "Task created"}, {"metadata.took_ms", 45}});
  // [/capture]
  return wrong.empty();
}
