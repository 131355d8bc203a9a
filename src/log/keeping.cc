#include "log/keeping.h"

#include <unistd.h>

#include <cstdio>

#include "log/queue_dir.h"
#include "log/redaction.h"
#include "taffrail/log.h"

namespace taffrail::log {
namespace {

std::vector<SinkNames> NamesOf(const Config& config) {
  std::vector<SinkNames> names;
  for (const SinkConfig& sink : config.sinks) {
    const auto position = sink.sink == nullptr ? std::nullopt : sink.sink->position(0);
    std::string layout = sink.layout.empty() ? config.layout : sink.layout;
    if (layout == "auto") layout = "nested";  // as on what is no terminal
    names.push_back({.path = position ? std::string(position->path) : std::string(),
                     .level = sink.level,
                     .layout = std::move(layout),
                     .categories = sink.categories});
  }
  return names;
}

ProcessNames ProcessOf(const Config& config) {
  ProcessNames process{.pid = static_cast<uint64_t>(getpid()),
                       .service = config.service,
                       .environment = config.environment,
                       .version = config.version,
                       .process_id = config.process_id,
                       .thread_id = config.thread_id,
                       .thread_name = config.thread_name,
                       .source_from = config.source_from,
                       .timestamp = config.timestamp,
                       .redacted = !IsCommonRedactor(config.redactor.get())};
  if (config.hostname) process.hostname = HostName();
  return process;
}

}  // namespace

std::vector<Recovered> RecoverBefore(const Config& config) {
  if (config.queue_dir.empty()) return {};
  RecoveryOptions options{.config = config};
  if (options.config.sinks.empty()) options.config.sinks.push_back({console_sink()});
  return RecoverAll(config.queue_dir, options);
}

void KeepQueue(const Config& config, Outputs& outputs, const ClockSample& clock) {
  QueueDir* own = QueueDir::Own();
  if (own == nullptr && !config.queue_dir.empty() && !config.synchronous) {
    auto made = QueueDir::Create(config.queue_dir);
    if (made.ok()) {
      (*made)->journal().SetClock(clock);
      QueueDir::MakeOwn(*std::move(made));
      own = QueueDir::Own();
    } else {
      std::fprintf(stderr, "taffrail: cannot keep the log's queue in %s, so a crash would lose it: %s\n",
                   config.queue_dir.c_str(), std::string(made.status().message()).c_str());
    }
  }
  if (own == nullptr) return context::SetFrameKeeper(nullptr);
  std::vector<std::shared_ptr<Sink>> sinks;
  for (const SinkConfig& sink : config.sinks) {
    if (sink.sink != nullptr) sinks.push_back(sink.sink);
  }
  own->Describe(ProcessOf(config), NamesOf(config));
  own->journal().SetSinks(sinks);
  outputs.SetJournal(&own->journal());
}

void LogRecovered(const std::vector<Recovered>& all) {
  static const Logger logger("taffrail.log");
  for (const Recovered& recovered : all) {
    if (recovered.counts.damaged()) {
      logger.warning("Recovered lines of a killed process, some were damaged", kv("lines", recovered.lines),
                     kv("of_process", recovered.pid), kv("unreadable", recovered.counts.unreadable),
                     kv("without_scope", recovered.counts.without_scope),
                     kv("bytes_lost", recovered.counts.bytes_lost));
    } else if (recovered.lines != 0) {
      logger.info("Recovered lines of a killed process", kv("lines", recovered.lines),
                  kv("of_process", recovered.pid));
    }
  }
}

}  // namespace taffrail::log
