#include "service/logging.h"

#include <stdexcept>
#include <utility>

#include <taffrail/config.h>

namespace examples::service {
namespace {

taffrail::Level ParseLevel(const std::string& name) {
  constexpr std::pair<const char*, taffrail::Level> kLevels[] = {
      {"trace", taffrail::Level::kTrace}, {"debug", taffrail::Level::kDebug},
      {"info", taffrail::Level::kInfo},   {"warning", taffrail::Level::kWarning},
      {"error", taffrail::Level::kError}, {"critical", taffrail::Level::kCritical},
      {"off", taffrail::Level::kOff},
  };
  for (const auto& [known, level] : kLevels) {
    if (name == known) {
      return level;
    }
  }
  throw std::invalid_argument("no such log level: " + name);
}

uint64_t LinesLost(const taffrail::Stats& stats) { return stats.lines_dropped_full + stats.lines_failed; }

}  // namespace

Logging::Logging(const std::string& service, const LogOptions& options) {
  taffrail::Config config;
  config.service = service;
  config.environment = "demo";
  config.level = ParseLevel(options.level);
  // Without its lines a service cannot be understood afterwards; rather slow than blind.
  config.queue_policy = taffrail::QueuePolicy::kBlock;
  // Of each of the eight threads that serve: a few hundred lines, where one writes ten between two rounds.
  config.queue_bytes = size_t{64} << 10;
  if (!options.taffrail_url.empty()) {
    taffrail::LokiConfig server;
    server.url = options.taffrail_url;
    server.labels = {{"service", service}};
    server_ = taffrail::loki_sink(std::move(server));
    config.sinks.push_back({.sink = server_, .layout = "nested"});
  }
  if (!options.log_file.empty()) {
    config.sinks.push_back({.sink = taffrail::file_sink(options.log_file), .layout = "nested"});
  }
  if (options.console || config.sinks.empty()) {
    // The standard output is for what the program answers: its summary.
    config.sinks.push_back({.sink = taffrail::console_sink(taffrail::ConsoleStream::kStderr)});
  }
  taffrail::init(std::move(config));
}

uint64_t Logging::LinesLogged() { return taffrail::stats().lines_written; }

LogSummary Logging::Finish(int64_t timeout_ms) {
  taffrail::shutdown(timeout_ms);
  const taffrail::Stats stats = taffrail::stats();
  LogSummary summary;
  summary.lines_logged = stats.lines_written + LinesLost(stats);
  summary.lines_delivered = server_ ? server_->stats().lines_sent : stats.lines_written;
  summary.lines_dropped = LinesLost(stats);
  if (server_) {
    const taffrail::LokiStats sent = server_->stats();
    summary.lines_dropped += sent.lines_dropped + sent.lines_refused;
  }
  return summary;
}

}  // namespace examples::service
