// The code of docs/logging.md.
#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "taffrail/config.h"
#include "taffrail/context.h"
#include "taffrail/log.h"
#include "taffrail/log_scope.h"
#include "taffrail/request_id.h"

namespace samples {

using taffrail::kv;
using namespace std::chrono_literals;

struct Task {
  int id;
  std::vector<std::string> tags;
};
enum class Colour { kRed, kGreen };

// [own-types]
void log_fields(taffrail::FieldWriter& out, const Task& task) {  // an object
  out.field("id", task.id);
  out.field("tags", task.tags);
}
std::string_view log_value(Colour colour) { return colour == Colour::kRed ? "red" : "green"; }  // a scalar
// [/own-types]

std::string describe_plan() { return "scan"; }
void run(const Task&) { throw std::runtime_error("no disk"); }
bool import_all() { return false; }

void Start(const std::string& log_path) {
  // [start]
  auto config = taffrail::Config::preset("production");
  config.service = "api";
  config.sinks = {{taffrail::console_sink()}, {taffrail::file_sink(log_path)}};
  taffrail::init(std::move(config));
  // [/start]
}

void Calls(const std::string& path, const Task& task) {
  // [calls]
  static const taffrail::Logger log("tasks.service");
  log.info("Task created successfully", kv("duration_ms", 45), kv("path", path));
  log.info("Task created successfully", {{"duration_ms", 45}, {"path", path}});
  // [/calls]
  // [values]
  log.info("Values", kv("count", 3), kv("share", 0.25), kv("ok", true), kv("none", nullptr), kv("took", 45ms),
           kv("at", std::chrono::system_clock::now()), kv("tags", std::vector<std::string>{"a", "b"}),
           kv("maybe", std::optional<int>()), kv("sizes", std::map<std::string, int>{{"s", 1}, {"m", 2}}),
           kv("task", task));
  log.info("Nested", {{"http", {{"method", "GET"}, {"status", 200}}}});
  // [/values]
  // [lazy]
  TAFFRAIL_DEBUG(log, "Plan chosen", kv("plan", describe_plan()));
  // [/lazy]
  // [bound]
  const auto task_log = log.with({{"task_id", task.id}});
  task_log.info("Task started");
  task_log.with({{"attempt", 2}}).warning("Task retried");
  // [/bound]
  // [errors]
  try {
    run(task);
  } catch (const std::exception& e) {
    log.error("Task failed", taffrail::error(e), kv("task", task));
  }
  // [/errors]
}

void Context(const taffrail::Logger& log, std::span<const taffrail::Header> headers, const std::string& user,
             const std::string& path) {
  // [context]
  const taffrail::RequestId id = taffrail::request_id_from(headers);
  const taffrail::Scope scope({{"request_id", id.id}, {"user_id", user}});
  std::jthread worker(taffrail::wrap([&] { log.info("Task indexed"); }));
  // [/context]
  // [log-scope]
  taffrail::LogScope operation(log, "import_tasks", {{"file", path}});
  if (!import_all()) operation.fail("unreadable file");
  // [/log-scope]
}

void RunTime() {
  // [run-time]
  taffrail::set_level("", taffrail::Level::kWarning);             // the root
  taffrail::set_level("tasks.service", taffrail::Level::kDebug);  // this one and those below it
  taffrail::reset_level("tasks.service");                         // inherit again
  const taffrail::Stats stats = taffrail::stats();
  if (stats.lines_dropped_full > 0) taffrail::flush();
  // [/run-time]
}

void Fewer() {
  // [fewer]
  taffrail::Config config;
  // A tenth of the requests, each whole or not at all; errors always.
  config.sampling = {{.lines = {.logger = "http"}, .rate = 0.1}};
  // At most 100 a second of each call site, then "More lines like this were left out".
  config.rate_limits = {{.lines = {.logger = "cache"}, .per_second = 100, .burst = 100}};
  // One line a second for a tight loop, with repeat_count and the min, max and sum of each number.
  config.aggregates = {{.lines = {.message = "Chunk written"}, .window_ms = 1000}};
  // [/fewer]
  taffrail::init(std::move(config));
}

void Queues() {
  // [queues]
  taffrail::Config config;
  config.queue_policy = taffrail::QueuePolicy::kBlock;  // nothing is lost; the program waits for its log
  config.queue_bytes = size_t{256} << 10;               // of each thread
  config.queue_dir = "/var/lib/api/log-queue";          // survives kill -9
  config.fatal_signals = true;                          // a CRITICAL line with the stack on SIGSEGV
  // [/queues]
  taffrail::init(std::move(config));
}

}  // namespace samples
