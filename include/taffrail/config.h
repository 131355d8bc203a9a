// Configuration in code, from the environment, and what may change at run time.
//
//   auto config = taffrail::Config::from_env();
//   config.service = "api";
//   config.sinks = {{taffrail::console_sink()}, {taffrail::file_sink("/var/log/api/app.log")}};
//   taffrail::init(std::move(config));
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "taffrail/level.h"
#include "taffrail/sinks.h"

namespace taffrail {

// What a call does when its thread's queue is full because sinks are slower than the program logs.
enum class QueuePolicy : uint8_t {
  kBlock,       // wait: nothing is lost, the program slows down to the speed of its log
  kDropNewest,  // go on without the line; how many were dropped is counted and logged
};

enum class Format : uint8_t {
  kAuto,    // kText with colours on a terminal, else kNested
  kNested,  // JSON: timestamp, level, service, logger, message, context{}, metadata{}, source{}, exception{}
  kText,    // 2025-10-30T14:23:45.123Z INFO  logger: message key=value …
};

enum class Precision : uint8_t { kMillis = 3, kMicros = 6, kNanos = 9 };

struct SinkConfig {
  std::shared_ptr<Sink> sink;
  Level level = Level::kTrace;  // least level for this sink; loggers' own levels come first
  Format format = Format::kAuto;
};

struct Config {
  std::string service;  // empty standard fields are left out of the line
  std::string environment;
  std::string version;
  bool hostname = false;  // these are asked of the system
  bool process_id = false;
  bool thread_id = false;
  Level source_from = Level::kError;  // source{file,line,function} from this level up; kOff: never
  Precision timestamp = Precision::kMillis;

  Level level = Level::kInfo;                         // of the root logger
  std::vector<std::pair<std::string, Level>> levels;  // of loggers by dotted name

  std::vector<SinkConfig> sinks;  // none: the console
  Format format = Format::kAuto;  // of sinks with kAuto

  bool synchronous = false;  // every call writes before it returns: for tests and tiny programs
  QueuePolicy queue_policy = QueuePolicy::kBlock;
  size_t queue_bytes = size_t{256} << 10;  // per thread, rounded up to a power of two, 64 KiB to 64 MiB
  size_t heap_bytes = size_t{64} << 20;    // of lines too large for a ring, under way at once
  int64_t poll_ms_max = 5;  // how long an idle backend sleeps, and so how old a line can get unwritten

  // LOG_LEVEL, LOG_FORMAT (json, text), JSON_LOGS, SERVICE_NAME, SERVICE_VERSION or APP_VERSION, ENVIRONMENT,
  // LOG_FILE. What is absent or makes no sense keeps its default; the latter is told on the standard error.
  static Config from_env();
};

// Replaces the configuration. Lines logged before go to the old sinks, which are flushed. Call it early in
// main; a second call is fine. Whatever was queued when the process exits is written (see flush() in log.h
// and shutdown()).
void init(Config config);
// Writes what is queued, gives sinks up to timeout_ms to finish, and leaves the asynchronous mode: later
// lines are written as they come. Runs by itself at exit. False when the sinks did not finish in time.
bool shutdown(int64_t timeout_ms = 5'000) noexcept;

// At run time, from any thread. The empty name is the root.
void set_level(std::string_view logger, Level level);
void reset_level(std::string_view logger);  // inherit again

struct Stats {
  uint64_t lines_written = 0;       // once for each sink that took it
  uint64_t lines_dropped_full = 0;  // the queue, or heap_bytes, was full
  uint64_t lines_failed = 0;        // refused by a sink
  uint64_t calls_blocked = 0;       // had to wait for room
  uint64_t bytes_written = 0;
  uint64_t queues = 0;  // threads that log now
};
Stats stats() noexcept;

}  // namespace taffrail
