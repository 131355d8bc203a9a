// Spool, courier and dead letters put together.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/env.h"
#include "sink/courier.h"
#include "sink/dead_letters.h"
#include "sink/owned_lines.h"
#include "sink/spool.h"
#include "taffrail/sink_durable.h"

namespace taffrail::sink {

class SpoolingSink final : public DurableSink {
 public:
  // The environment holds the spool's files; `name` is the destination's, for people.
  SpoolingSink(std::shared_ptr<Sink> inner, DurableConfig config, std::string name,
               base::Env& env = base::Env::Posix());
  ~SpoolingSink() override;

  bool write(const Batch& batch) override;
  void reopen() override;
  bool flush(int64_t timeout_ms) override;
  DurableStats stats() const override;

 private:
  void Run();
  // Waits for lines, and for more of them, or to be asked to reopen; false: the program ends.
  bool WaitForLines();
  bool HasLines() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Lines from the spool, else from memory; `from_memory` says which.
  OwnedLines TakeLines(bool& from_memory);
  void ReopenIfAsked();
  void Deliver(const OwnedLines& lines, bool from_memory);
  bool Pause(absl::Duration duration);
  // What waits in memory goes to the spool if that can be written now.
  void MoveToSpool() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void KeepInMemory(std::span<const Entry> entries, const absl::Status& why)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TellSpool(const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const DurableConfig config_;
  const std::shared_ptr<Sink> inner_;
  base::Env& env_;
  std::unique_ptr<Spool> spool_;  // none when it cannot be opened: memory alone

  mutable absl::Mutex mutex_;
  absl::CondVar changed_;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  bool reopen_ ABSL_GUARDED_BY(mutex_) = false;
  int flushing_ ABSL_GUARDED_BY(mutex_) = 0;  // threads that wait
  bool told_ ABSL_GUARDED_BY(mutex_) = false;
  uint64_t taken_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t dropped_ ABSL_GUARDED_BY(mutex_) = 0;
  std::deque<OwnedLines> memory_ ABSL_GUARDED_BY(mutex_);  // later than all in the spool
  size_t memory_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t memory_in_ ABSL_GUARDED_BY(mutex_) = 0;   // batches that went to memory, since the beginning …
  uint64_t memory_out_ ABSL_GUARDED_BY(mutex_) = 0;  // … and that were moved or dealt with
  Spool::Position delivered_ ABSL_GUARDED_BY(mutex_);

  // The delivering thread's.
  DeadLetters dead_letters_;
  Courier courier_;

  std::thread thread_;  // last: it uses all others
};

}  // namespace taffrail::sink
