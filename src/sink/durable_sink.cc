#include "sink/durable_sink.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "absl/time/clock.h"
#include "base/own_thread.h"

namespace taffrail::sink {
namespace {

// A spool that cannot be read is a disk in trouble; it may pass, and asking more often does not help it.
constexpr auto kReadAgain = absl::Seconds(1);

DurableConfig Complete(DurableConfig config) {
  if (config.dead_letter_file.empty())
    config.dead_letter_file = base::JoinPath(config.spool_dir, "dead-letter.log");
  return config;
}

}  // namespace

SpoolingSink::SpoolingSink(std::shared_ptr<Sink> inner, DurableConfig config, std::string name,
                           base::Env& env)
    : config_(Complete(std::move(config))),
      inner_(std::move(inner)),
      env_(env),
      dead_letters_(config_.dead_letter_file),
      courier_(
          *inner_,
          {.name = std::move(name),
           .backoff_initial_ms = config_.backoff_initial_ms,
           .backoff_max_ms = config_.backoff_max_ms,
           .breaker_failures = config_.breaker_failures,
           .breaker_open_ms = config_.breaker_open_ms},
          [this](const Entry& entry, std::string_view why) { return dead_letters_.Add(entry, why); },
          [this](absl::Duration duration) { return Pause(duration); }) {
  auto spool = Spool::Open(env_, {.dir = config_.spool_dir, .max_bytes = config_.spool_bytes});
  if (spool.ok()) {
    spool_ = *std::move(spool);
  } else {
    absl::MutexLock lock(&mutex_);
    TellSpool(spool.status());
  }
  thread_ = base::StartOwnThread([this] { Run(); });
}

SpoolingSink::~SpoolingSink() {
  {
    absl::MutexLock lock(&mutex_);
    stop_ = true;
    changed_.SignalAll();
  }
  inner_->cancel();
  thread_.join();
}

bool SpoolingSink::write(const Batch& batch) {
  const std::vector<Entry> entries = EntriesOf(batch);
  absl::MutexLock lock(&mutex_);
  const uint64_t dropped_before = dropped_;
  taken_ += entries.size();
  MoveToSpool();
  size_t stored = 0;
  absl::Status why = absl::UnavailableError("there is none");
  if (memory_.empty() && spool_ != nullptr) stored = spool_->Append(entries, why);
  if (stored < entries.size()) KeepInMemory(std::span(entries).subspan(stored), why);
  changed_.SignalAll();
  return dropped_ == dropped_before;
}

void SpoolingSink::MoveToSpool() {
  std::vector<Entry> entries;
  while (!memory_.empty() && spool_ != nullptr) {
    const Batch batch = memory_.front().View(entries);
    absl::Status why;
    const size_t stored = spool_->Append(batch.entries, why);
    if (stored < batch.entries.size()) {
      if (stored == 0) return;
      OwnedLines rest(Slice(batch, stored, batch.entries.size()));
      memory_bytes_ -= memory_.front().bytes() - rest.bytes();
      memory_.front() = std::move(rest);
      return;
    }
    told_ = false;
    memory_bytes_ -= memory_.front().bytes();
    memory_.pop_front();
    ++memory_out_;
  }
}

void SpoolingSink::KeepInMemory(std::span<const Entry> entries, const absl::Status& why) {
  TellSpool(why);
  OwnedLines kept;
  for (const Entry& entry : entries) {
    if (memory_bytes_ + kept.bytes() + entry.line.size() + 1 > config_.memory_bytes) break;
    kept.Add(entry);
  }
  dropped_ += entries.size() - kept.lines();
  if (kept.empty()) return;
  memory_bytes_ += kept.bytes();
  memory_.push_back(std::move(kept));
  ++memory_in_;
}

void SpoolingSink::TellSpool(const absl::Status& status) {
  if (std::exchange(told_, true)) return;
  std::fprintf(stderr, "taffrail: cannot write the spool %s: %s; lines wait in memory\n",
               config_.spool_dir.c_str(), std::string(status.message()).c_str());
}

void SpoolingSink::reopen() {
  absl::MutexLock lock(&mutex_);
  reopen_ = true;
  changed_.SignalAll();
}

bool SpoolingSink::flush(int64_t timeout_ms) {
  const absl::Time deadline = absl::Now() + absl::Milliseconds(timeout_ms);
  {
    absl::MutexLock lock(&mutex_);
    ++flushing_;
    changed_.SignalAll();
    bool in_time = true;
    // First what is in memory, which may go to the spool, then what is in the spool.
    const uint64_t memory = memory_in_;
    while (in_time && memory_out_ < memory) in_time = !changed_.WaitWithDeadline(&mutex_, deadline);
    const Spool::Position end = spool_ == nullptr ? Spool::Position{} : spool_->end();
    while (in_time && delivered_ < end) in_time = !changed_.WaitWithDeadline(&mutex_, deadline);
    --flushing_;
    if (memory_out_ < memory || delivered_ < end) return false;
  }
  return inner_->flush(std::max<int64_t>(0, absl::ToInt64Milliseconds(deadline - absl::Now())));
}

DurableStats SpoolingSink::stats() const {
  const CourierCounts& counts = courier_.counts();
  DurableStats stats{.lines_delivered = counts.delivered,
                     .lines_refused = counts.refused,
                     .batches = counts.batches,
                     .retries = counts.retries,
                     .circuit_open = counts.circuit_open};
  if (spool_ != nullptr) {
    stats.spool_bytes = spool_->bytes();
    stats.frames_damaged = spool_->damaged();
  }
  absl::MutexLock lock(&mutex_);
  stats.lines_taken = taken_;
  stats.lines_dropped = dropped_;
  return stats;
}

void SpoolingSink::Run() {
  while (WaitForLines()) {
    ReopenIfAsked();
    bool from_memory = false;
    const OwnedLines lines = TakeLines(from_memory);
    Deliver(lines, from_memory);
  }
}

bool SpoolingSink::HasLines() const {
  return !memory_.empty() || (spool_ != nullptr && delivered_ < spool_->end());
}

bool SpoolingSink::WaitForLines() {
  absl::MutexLock lock(&mutex_);
  while (!stop_ && !HasLines()) {
    if (reopen_) return true;
    changed_.Wait(&mutex_);
  }
  const absl::Time gathered = absl::Now() + absl::Milliseconds(config_.batch_age_ms);
  const Spool::Position before = delivered_;
  while (!stop_ && flushing_ == 0) {
    // A batch is full when the spool has as many bytes; its lines are counted when they are read.
    const Spool::Position end = spool_ == nullptr ? before : spool_->end();
    if (end.segment != before.segment || end.offset - before.offset >= config_.batch_bytes) break;
    if (memory_bytes_ > 0 || changed_.WaitWithDeadline(&mutex_, gathered)) break;
  }
  return !stop_;
}

OwnedLines SpoolingSink::TakeLines(bool& from_memory) {
  OwnedLines lines;
  if (spool_ != nullptr) {
    const absl::Status status = spool_->Read(config_.batch_bytes, config_.batch_lines, lines);
    if (!status.ok()) {
      std::fprintf(stderr, "taffrail: cannot read the spool %s: %s\n", config_.spool_dir.c_str(),
                   std::string(status.message()).c_str());
      spool_->Again();
      Pause(kReadAgain);
      return {};
    }
  }
  absl::MutexLock lock(&mutex_);
  from_memory = lines.empty() && !memory_.empty();
  if (from_memory) {
    lines = std::move(memory_.front());
    memory_.pop_front();
    memory_bytes_ -= lines.bytes();
  }
  return lines;
}

void SpoolingSink::ReopenIfAsked() {
  {
    absl::MutexLock lock(&mutex_);
    if (!std::exchange(reopen_, false)) return;
  }
  inner_->reopen();
}

void SpoolingSink::Deliver(const OwnedLines& lines, bool from_memory) {
  std::vector<Entry> entries;
  const Batch batch = lines.View(entries);
  const size_t dealt_with = courier_.Deliver(batch);
  if (dealt_with < lines.lines()) {  // the program ends: the spool keeps its lines
    absl::MutexLock lock(&mutex_);
    if (from_memory) dropped_ += lines.lines() - dealt_with;
    return;
  }
  absl::Status status;
  if (!from_memory && spool_ != nullptr) status = spool_->Done();
  absl::MutexLock lock(&mutex_);
  if (!status.ok()) TellSpool(status);
  if (from_memory) {
    ++memory_out_;
  } else if (spool_ != nullptr) {
    delivered_ = spool_->done();
  }
  changed_.SignalAll();
}

bool SpoolingSink::Pause(absl::Duration duration) {
  const absl::Time until = absl::Now() + duration;
  absl::MutexLock lock(&mutex_);
  while (!stop_) {
    if (changed_.WaitWithDeadline(&mutex_, until)) break;
  }
  return !stop_;
}

}  // namespace taffrail::sink

namespace taffrail {

std::shared_ptr<DurableSink> durable_sink(std::shared_ptr<Sink> inner, DurableConfig config) {
  return std::make_shared<sink::SpoolingSink>(std::move(inner), std::move(config), "a sink");
}

}  // namespace taffrail
