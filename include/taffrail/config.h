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

#include "taffrail/category.h"
#include "taffrail/features.h"
#include "taffrail/layout.h"
#include "taffrail/level.h"
#include "taffrail/redaction.h"
#include "taffrail/redactor.h"
#include "taffrail/sampling.h"
#include "taffrail/sinks.h"

namespace taffrail {

// What a call does when its thread's queue is full because sinks are slower than the program logs.
enum class QueuePolicy : uint8_t {
  kBlock,       // wait: nothing is lost, the program slows down to the speed of its log
  kDropNewest,  // go on without the line; how many were dropped is counted and logged
  kDropOldest,  // the oldest lines of this thread make room; counted and logged
  kGrow,        // the queue grows up to queue_bytes_max, then kBlock
};

enum class Precision : uint8_t { kMillis = 3, kMicros = 6, kNanos = 9 };

struct SinkConfig {
  std::shared_ptr<Sink> sink;
  Level level = Level::kTrace;            // least level for this sink; loggers' own levels come first
  std::string layout = {};                // a layout's name (Config::layout); empty: Config's
  std::vector<Category> categories = {};  // empty: all
};

struct Config {
  std::string service;  // empty standard fields are left out of the line
  std::string environment;
  std::string version;
  bool hostname = false;  // these are asked of the system
  bool process_id = false;
  bool process_name = false;
  bool thread_id = false;
  bool thread_name = false;
  Level source_from = Level::kError;  // source{file,line,function} from this level up; kOff: never
  Precision timestamp = Precision::kMillis;

  Level level = Level::kInfo;                         // of the root logger
  std::vector<std::pair<std::string, Level>> levels;  // of loggers by dotted name

  std::vector<SinkConfig> sinks;  // none: the console
  // "auto": text on a terminal, else nested. Built in: nested, flat, flat+error, dotted, request, otel, text,
  // text-dashed, text-comma; or one of `layouts`.
  std::string layout = "auto";
  std::vector<LayoutConfig> layouts;  // layout.h

  bool synchronous = false;  // every call writes before it returns: for tests and tiny programs
  QueuePolicy queue_policy = QueuePolicy::kBlock;
  size_t queue_bytes = size_t{256} << 10;     // per thread, rounded up to a power of two, 64 KiB to 64 MiB
  size_t queue_bytes_max = size_t{64} << 20;  // kGrow: of all queues together
  size_t heap_bytes = size_t{64} << 20;       // of lines too large for a ring, under way at once
  int64_t poll_ms_max = 20;  // how long an idle backend sleeps, and so how old a line can get unwritten

  // Where the queues live as files, so that what was queued when the process was killed is not lost: the next
  // start, the agent or `taffrail recover DIR` writes it. Empty: in memory alone.
  std::string queue_dir;
  bool fatal_signals = false;  // SIGSEGV, SIGABRT …: a CRITICAL line with the stack, then what came before

  std::vector<SampleRule> sampling;  // sampling.h
  std::vector<RateRule> rate_limits;
  std::vector<AggregateRule> aggregates;
  RedactionConfig redaction;           // redaction.h; on in "staging" and "production"
  std::shared_ptr<Redactor> redactor;  // redactor.h: one of your own instead
  Features features;                   // features.h

  // The preset of $ENVIRONMENT, then LOG_LEVEL, LOG_FORMAT, LOG_FILE, SERVICE_NAME and the other variables of
  // docs/configuration.md. What is absent or makes no sense keeps its default; the latter is told on the
  // standard error. A YAML file is read by config_file.h.
  static Config from_env();
  // "development": text, DEBUG. "production": JSON, INFO, host and process id, fatal_signals, queue_dir.
  // "staging": as production, DEBUG. Any other name is told on the standard error and gives the defaults.
  static Config preset(std::string_view name);
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
  uint64_t lines_sampled_out = 0;   // by sampling.h's rules, here and below
  uint64_t lines_rate_limited = 0;
  uint64_t lines_aggregated = 0;  // beyond the one that stands for them
  uint64_t lines_recovered = 0;   // of an earlier process that was killed
  uint64_t lines_failed = 0;      // refused by a sink
  uint64_t calls_blocked = 0;     // had to wait for room
  uint64_t bytes_written = 0;
  uint64_t queues = 0;  // threads that log now
};
Stats stats() noexcept;

}  // namespace taffrail
