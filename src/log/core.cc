#include "log/core.h"

#include <pthread.h>

#include <algorithm>
#include <cstdlib>

#include "base/own_thread.h"
#include "base/thread_priority.h"
#include "context/frame.h"
#include "log/fatal_signal.h"
#include "log/features.h"
#include "log/fork.h"
#include "log/keeping.h"
#include "log/producer.h"
#include "log/queue_dir.h"
#include "log/record_reader.h"
#include "log/redaction.h"
#include "taffrail/sink_file.h"

namespace taffrail::log {
namespace {

constinit thread_local bool in_sink = false;

class SinkSection {
 public:
  SinkSection() { in_sink = true; }
  ~SinkSection() { in_sink = false; }
  SinkSection(const SinkSection&) = delete;
  SinkSection& operator=(const SinkSection&) = delete;
};

// A busy backend does not sleep; a less busy one lets lines gather for one write, an idle one sleeps twice as
// long. Waking costs as much as some hundred lines, and a queue that fills up meanwhile wakes it.
constexpr size_t kBusyBytes = size_t{64} << 10;
constexpr int64_t kPollMsMin = 1;
constexpr int kIdleLooks = 8;
constexpr int64_t kExitTimeoutMs = 5'000;  // systemd's patience is 90 s, a container's usually 10

}  // namespace

Core& Core::Get() {
  static Core* const core = new Core;
  return *core;
}

bool Core::InSink() { return in_sink; }

Core::Core() : drain_(queues_) {
  config_ = Config::from_env();
  registry_.SetLevels(config_.level, config_.levels);
  outputs_ = std::make_shared<Outputs>(config_);
  WatchForks();
  context::SetReclaimer(&ReclaimFrame);
  std::atexit([] {
    // What could not be written stays for the next start.
    if (Core::Get().Shutdown(kExitTimeoutMs) && QueueDir::Own() != nullptr) QueueDir::Own()->Remove();
  });
}

void Core::Init(Config config) {
  AddRedactor(config);
  Flush(kExitTimeoutMs);
  queue_bytes_.store(config.queue_bytes, std::memory_order_relaxed);
  queue_bytes_max_.store(config.queue_bytes_max, std::memory_order_relaxed);
  heap_bytes_max_.store(config.heap_bytes, std::memory_order_relaxed);
  poll_ms_max_.store(std::max<int64_t>(config.poll_ms_max, kPollMsMin), std::memory_order_relaxed);
  policy_.store(config.queue_policy, std::memory_order_relaxed);
  auto outputs = std::make_shared<Outputs>(config);
  std::vector<Recovered> recovered;
  {
    absl::MutexLock lock(&mutex_);
    const SinkSection section;
    drain_.Round(*outputs_, counts_);  // what came since the flush
    WriteReports(true);
    const ThinningCounts thinned = outputs_->thinned();
    thinned_before_.sampled_out += thinned.sampled_out;
    thinned_before_.rate_limited += thinned.rate_limited;
    thinned_before_.aggregated += thinned.aggregated;
    loss_report_.ForgetLeftOut();
    recovered = RecoverBefore(config);
    KeepQueue(config, *outputs, drain_.ReadClock());
    outputs_.swap(outputs);
    config_ = config;
  }
  registry_.SetLevels(config.level, config.levels);
  SetFeatures(config.features);
  if (config.fatal_signals) CatchFatalSignals();
  if (config.synchronous) {
    async_.store(false, std::memory_order_release);
    ForgetRoom();
  } else {
    StartBackend();
    async_.store(true, std::memory_order_release);
  }
  for (const Recovered& process : recovered) recovered_.fetch_add(process.lines, std::memory_order_relaxed);
  LogRecovered(recovered);
}

bool Core::Shutdown(int64_t timeout_ms) {
  const bool was_async = async_.exchange(false, std::memory_order_acq_rel);
  ForgetRoom();
  // Without a backend nothing waits; a program that never called init() ends here at once.
  return was_async ? Flush(timeout_ms) : true;
}

bool Core::Flush(int64_t timeout_ms) {
  if (in_sink) return true;                                        // a sink cannot wait for itself
  if (is_new_child_.load(std::memory_order_acquire)) return true;  // it has logged nothing yet
  const absl::Time deadline = absl::Now() + absl::Milliseconds(timeout_ms);
  bool started = false;
  {
    absl::MutexLock lock(&signal_mutex_);
    started = started_;
    if (started) {
      const uint64_t wanted = ++rounds_wanted_;
      sleeper_.Wake();
      while (rounds_done_ < wanted) {
        if (signal_.WaitWithDeadline(&signal_mutex_, deadline) && rounds_done_ < wanted) return false;
      }
    }
  }
  std::shared_ptr<Outputs> outputs;
  {
    absl::MutexLock lock(&mutex_);
    const SinkSection section;
    if (!started) Round();
    WriteReports(true);
    outputs = outputs_;
  }
  const auto left_ms = absl::ToInt64Milliseconds(deadline - absl::Now());
  const bool flushed = outputs->Flush(std::max<int64_t>(left_ms, 0));
  FetchQueueBack();
  return flushed;
}

Stats Core::GetStats() {
  Stats stats;
  stats.lines_dropped_full = dropped_.load(std::memory_order_relaxed);
  stats.calls_blocked = blocked_.load(std::memory_order_relaxed);
  stats.queues = queues_.count();
  stats.lines_written = counts_.lines_written.load(std::memory_order_relaxed);
  stats.lines_recovered = recovered_.load(std::memory_order_relaxed);
  stats.lines_failed = counts_.lines_failed.load(std::memory_order_relaxed);
  stats.lines_sampled_out = counts_.sampled_out.load(std::memory_order_relaxed);
  stats.lines_rate_limited = counts_.rate_limited.load(std::memory_order_relaxed);
  stats.lines_aggregated = counts_.aggregated.load(std::memory_order_relaxed);
  stats.bytes_written = counts_.bytes_written.load(std::memory_order_relaxed);
  return stats;
}

bool Core::TakeHeap(size_t bytes) {
  const size_t before = heap_bytes_.fetch_add(bytes, std::memory_order_relaxed);
  if (before + bytes <= heap_bytes_max_.load(std::memory_order_relaxed)) return true;
  GiveHeapBack(bytes);
  return false;
}

void Core::GiveHeapBack(size_t bytes) { heap_bytes_.fetch_sub(bytes, std::memory_order_relaxed); }

void Core::Discard(const detail::RecordHead& head) {
  switch (head.kind) {
    case detail::RecordKind::kReleaseFrame:
      queues_.AddRelease(head);
      return;
    case detail::RecordKind::kHeap: {
      const LooseRecord large(head.large);
      GiveHeapBack(HeadOf(large.get()).size);
      break;
    }
    case detail::RecordKind::kLine:
    case detail::RecordKind::kSkip:
      break;
  }
  CountDropped();
}

void Core::WriteNow(const char* record) {
  BeginInChild();
  absl::MutexLock lock(&mutex_);
  const SinkSection section;
  drain_.WriteNow(record, *outputs_, counts_);
}

void Core::Wake() {
  if (sleeper_.asleep()) sleeper_.Wake();
}

void Core::StartBackend() {
  absl::MutexLock lock(&signal_mutex_);
  if (std::exchange(started_, true)) return;
  // Lives as long as the process, and so does all it uses.
  base::StartOwnThread([this] { RunBackend(); }).detach();
}

void Core::RunBackend() {
  pthread_setname_np(pthread_self(), "taffrail-log");
  base::GiveWayWhenWoken();  // to the threads that serve: there is room for what they log meanwhile
  GiveSignalStack();
  while (true) {
    uint64_t wanted = 0;
    {
      absl::MutexLock lock(&signal_mutex_);
      wanted = rounds_wanted_;
    }
    size_t bytes = 0;
    bool owes_lines = false;
    {
      absl::MutexLock lock(&mutex_);
      const SinkSection section;
      bytes = Round();
      owes_lines = outputs_->MayOwe();
    }
    {
      absl::MutexLock lock(&signal_mutex_);
      if (rounds_done_ < wanted) signal_.SignalAll();
      rounds_done_ = wanted;
    }
    if (bytes >= kBusyBytes) continue;
    const int64_t poll_ms = poll_ms_max_.load(std::memory_order_relaxed);
    if (bytes > 0) {
      sleeper_.Sleep(std::max(poll_ms / 2, kPollMsMin));
    } else {
      SleepUntilNeeded(poll_ms, owes_lines);
    }
  }
}

// Looks at the queues alone each time, and comes back all the same after a few times, for what goes by the
// clock: a report of lines that are missing, files to be opened again.
void Core::SleepUntilNeeded(int64_t poll_ms, bool owes_lines) {
  for (int looks = owes_lines ? 1 : kIdleLooks; looks > 0; --looks) {
    if (sleeper_.Sleep(poll_ms) || !queues_.AllRead()) return;
  }
}

void Core::ReopenIfAsked() {
  const uint64_t requests = reopen_requests();
  if (std::exchange(reopened_, requests) != requests) outputs_->Reopen();
}

size_t Core::Round() {
  ReopenIfAsked();
  const size_t bytes = drain_.Round(*outputs_, counts_);
  const uint64_t freed = drain_.heap_bytes_freed();
  GiveHeapBack(freed - std::exchange(heap_bytes_returned_, freed));
  WriteReports(false);
  return bytes;
}

void Core::WriteReports(bool last) {
  const int64_t now_ns = drain_.NowNs();
  if (last) outputs_->EmitDue(now_ns, true);
  const ThinningCounts thinned = outputs_->thinned();
  counts_.sampled_out.store(thinned_before_.sampled_out + thinned.sampled_out, std::memory_order_relaxed);
  counts_.rate_limited.store(thinned_before_.rate_limited + thinned.rate_limited, std::memory_order_relaxed);
  counts_.aggregated.store(thinned_before_.aggregated + thinned.aggregated, std::memory_order_relaxed);
  loss_report_.Write(dropped_.load(std::memory_order_relaxed), thinned, now_ns, last, *outputs_);
  outputs_->Write(counts_);
}

}  // namespace taffrail::log
