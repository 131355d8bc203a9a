// One round of the backend: everything that the queues hold goes to the outputs, in the order of time.
//
// The order: lines of one thread stand as it logged them. Lines of several threads stand by their ticks,
// among all that was queued when the round began. Two things can put them out of place. The counter is read
// without a fence (a fence would double the cost of a call), so that the processor may read it a tenth of a
// microsecond early: lines that close may change places even when one caused the other. And a thread that is
// interrupted between reading the clock and finishing its copy, a few nanoseconds, appears in the next round.
#pragma once

#include <cstdint>
#include <vector>

#include "log/outputs.h"
#include "log/queues.h"
#include "log/ticks.h"

namespace taffrail::log {

// Not thread-safe.
class Drain {
 public:
  explicit Drain(Queues& queues) : queues_(queues) {}

  // Returns the bytes of records that were read.
  size_t Round(Outputs& outputs, OutputCounts& counts);
  // One record outside of any queue, now. What is queued comes first.
  void WriteNow(const char* record, Outputs& outputs, OutputCounts& counts);
  int64_t NowNs();
  ClockSample ReadClock();

  // Of records too large for a ring, read so far: their memory is free again.
  uint64_t heap_bytes_freed() const { return heap_bytes_freed_; }

 private:
  // Takes records up to the cutoff until the outputs have a piece to write; false when there are none left.
  bool FillPiece(uint64_t cutoff, Outputs& outputs);
  bool MergeInto(std::vector<QueueReader>& readers, uint64_t cutoff, Outputs& outputs);
  void Process(const detail::RecordHead& head, const char* record, const detail::ThreadQueue* queue,
               Outputs& outputs);
  void ProcessLoose(Outputs& outputs);

  Queues& queues_;
  TickClock clock_;
  // Frames whose scopes have ended. They wait one more round, for lines of other threads (a coroutine's) that
  // were queued before the end but not yet seen.
  std::vector<detail::Frame*> retired_;
  std::vector<detail::Frame*> retiring_;
  uint64_t heap_bytes_freed_ = 0;
  size_t bytes_read_ = 0;
};

}  // namespace taffrail::log
