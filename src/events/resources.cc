#include "taffrail/events/resources.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <stop_token>
#include <string_view>
#include <thread>
#include <utility>

#include "events/process_memory.h"
#include "events/write_event.h"
#include "taffrail/config.h"
#include "taffrail/features.h"

namespace taffrail::events {
namespace {

constexpr EventKind kResourceUsage{"resource_usage", "Resource usage"};

std::chrono::nanoseconds CpuTime() {
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return {};
  const auto time = [](const timeval& value) {
    return std::chrono::seconds(value.tv_sec) + std::chrono::microseconds(value.tv_usec);
  };
  return time(usage.ru_utime) + time(usage.ru_stime);
}

std::optional<int64_t> CountFds() {
  DIR* directory = opendir("/proc/self/fd");
  if (directory == nullptr) return std::nullopt;
  int64_t count = -1;  // the directory's own is among them
  while (const dirent* entry = readdir(directory)) {
    if (entry->d_name[0] != '.') ++count;
  }
  closedir(directory);
  return count;
}

std::optional<int64_t> FdsMax() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return std::nullopt;
  return static_cast<int64_t>(limit.rlim_cur);
}

// The 20th field of /proc/self/stat; the second one is the program's name in brackets, which may hold
// anything.
std::optional<int64_t> CountThreads() {
  std::FILE* file = std::fopen("/proc/self/stat", "re");
  if (file == nullptr) return std::nullopt;
  char text[1024];
  const size_t size = std::fread(text, 1, sizeof(text), file);
  std::fclose(file);
  std::string_view rest(text, size);
  constexpr int kFieldsBetween = 18;  // from the bracket to the number of threads
  rest.remove_prefix(std::min(rest.rfind(')'), size));
  for (int i = 0; i < kFieldsBetween; ++i) rest.remove_prefix(std::min(rest.find(' '), rest.size() - 1) + 1);
  int64_t threads = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), threads);
  if (error != std::errc()) return std::nullopt;
  return threads;
}

// What is worth a warning rather than a note.
bool IsAlarming(const ResourceUsage& usage) {
  static std::atomic<uint64_t> dropped_before{0};
  const uint64_t before = dropped_before.exchange(usage.log_lines_dropped, std::memory_order_relaxed);
  const bool fds_run_out =
      usage.fds.has_value() && usage.fds_max.has_value() && *usage.fds * 10 >= *usage.fds_max * 9;
  return usage.log_lines_dropped > before || fds_run_out;
}

}  // namespace

ResourceUsage read_resource_usage() {
  const Stats log = stats();
  ResourceUsage usage{.cpu_time = CpuTime(),
                      .fds = CountFds(),
                      .fds_max = FdsMax(),
                      .threads = CountThreads(),
                      .log_lines_written = log.lines_written,
                      .log_lines_dropped = log.lines_dropped_full + log.lines_failed,
                      .log_calls_blocked = log.calls_blocked};
  const int64_t rss = ReadRss();
  if (rss != 0) usage.rss_bytes = rss;
  return usage;
}

void resource_usage(const ResourceUsage& usage, std::initializer_list<Field> more) noexcept {
  static const Logger logger("performance.resources");
  if (!features().metrics) return;
  const Level level = IsAlarming(usage) ? Level::kWarning : Level::kInfo;
  WriteEvent(logger, level, kResourceUsage, more, SourceLocation::current(), [&](Fields& fields) {
    fields.Add("cpu_time_ms", std::chrono::duration_cast<std::chrono::milliseconds>(usage.cpu_time));
    fields.Number("cpu_percent", usage.cpu_percent);
    fields.Number("rss_bytes", usage.rss_bytes);
    fields.Number("fds", usage.fds);
    fields.Number("fds_max", usage.fds_max);
    fields.Number("threads", usage.threads);
    fields.Number("queue_depth", usage.queue_depth);
    fields.Add("log_lines_written", usage.log_lines_written);
    fields.Add("log_lines_dropped", usage.log_lines_dropped);
    fields.Add("log_calls_blocked", usage.log_calls_blocked);
  });
}

struct ResourceSampler::State {
  explicit State(ResourceOptions given)
      : options(std::move(given)), thread([this](const std::stop_token& stop) { Run(stop); }) {}

  void Run(const std::stop_token& stop);
  ResourceUsage Read();

  using Clock = std::chrono::steady_clock;
  ResourceOptions options;
  std::optional<std::pair<Clock::time_point, std::chrono::nanoseconds>> before;  // when, and cpu_time then
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::jthread thread;  // last: it uses the others
};

ResourceUsage ResourceSampler::State::Read() {
  ResourceUsage usage = read_resource_usage();
  const auto now = Clock::now();
  if (before.has_value() && now > before->first) {
    const std::chrono::duration<double> used = usage.cpu_time - before->second;
    const std::chrono::duration<double> passed = now - before->first;
    usage.cpu_percent = 100 * used.count() / passed.count();
  }
  before.emplace(now, usage.cpu_time);
  if (options.queue_depth) {
    try {
      usage.queue_depth = options.queue_depth();
    } catch (...) {  // the program's own trouble
    }
  }
  return usage;
}

void ResourceSampler::State::Run(const std::stop_token& stop) {
  constexpr std::chrono::milliseconds kShortest{10};  // below it the sampler would be a load of its own
  const auto interval = std::max(options.interval, kShortest);
  auto next = Clock::now();
  std::unique_lock lock(mutex);
  while (!stop.stop_requested()) {
    resource_usage(Read());
    next = std::max(next + interval, Clock::now());  // a machine that slept does not catch up
    stopped.wait_until(lock, stop, next, [] { return false; });
  }
}

ResourceSampler::ResourceSampler(ResourceOptions options)
    : state_(std::make_unique<State>(std::move(options))) {}

ResourceSampler::~ResourceSampler() { stop(); }

void ResourceSampler::stop() noexcept {
  if (!state_->thread.joinable()) return;
  state_->thread.request_stop();
  state_->thread.join();
}

}  // namespace taffrail::events
