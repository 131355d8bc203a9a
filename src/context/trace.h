// The trace a thread is in: one pointer beside that to its frame. Lines never refer to it, so that plain
// reference counts do.
#pragma once

#include <atomic>
#include <cstdint>

#include "taffrail/trace.h"

namespace taffrail::detail {

struct Trace {
  explicit Trace(TraceContext value) : context(std::move(value)) {}

  std::atomic<uint32_t> references{1};
  const TraceContext context;
  // The active span stands for a call to elsewhere: its own id is the one to send along.
  bool is_outgoing = false;
};

extern constinit thread_local Trace* current_trace;

}  // namespace taffrail::detail
