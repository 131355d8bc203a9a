// A sink that may fail, made one that neither blocks nor loses: lines go to a spool on disk first, and from
// there to the sink, in order, on a thread of its own.
//
// A line that was taken is delivered at least once, also when the process is killed: the next one that is
// given the same directory goes on where this one ended. Twice only when the process ended, or no answer
// came, between the delivery and the note of it. What the sink refuses for good (Delivery::kRefused) goes to
// the dead-letter file with the reason, alone: the other lines of its batch are delivered.
//
// Fork first, then make the sink.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "taffrail/sinks.h"

namespace taffrail {

struct DurableConfig {
  std::string spool_dir;  // of this sink alone; a second process takes "<spool_dir>.2" and so on
  uint64_t spool_bytes = uint64_t{1} << 30;  // beyond it the newest lines are lost, and counted
  std::string dead_letter_file;              // empty: dead-letter.log in spool_dir
  size_t memory_bytes = size_t{4} << 20;     // of lines that wait here while the spool cannot be written

  size_t batch_bytes = size_t{1} << 20;  // what the sink is given at once: so many bytes …
  size_t batch_lines = 10'000;           // … or lines …
  int64_t batch_age_ms = 0;              // … or what came within so long after the first line

  int64_t backoff_initial_ms = 200;  // between attempts: doubled each time, with jitter
  int64_t backoff_max_ms = 30'000;
  int breaker_failures = 5;  // after so many in a row: none for breaker_open_ms, then a single line
  int64_t breaker_open_ms = 5'000;
};

struct DurableStats {
  uint64_t lines_taken = 0;      // by write()
  uint64_t lines_delivered = 0;  // also those of earlier processes
  uint64_t lines_refused = 0;    // now in the dead-letter file
  uint64_t lines_dropped = 0;    // there was room neither on disk nor in memory
  uint64_t batches = 0;
  uint64_t retries = 0;
  uint64_t spool_bytes = 0;     // now
  uint64_t frames_damaged = 0;  // parts of the spool that the disk has spoilt
  bool circuit_open = false;
};

class DurableSink : public Sink {
 public:
  virtual DurableStats stats() const = 0;
};
// write() and reopen() of the inner sink are called on the delivering thread alone.
std::shared_ptr<DurableSink> durable_sink(std::shared_ptr<Sink> inner, DurableConfig config);

}  // namespace taffrail
