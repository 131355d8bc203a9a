// The trace a thread is in: one pointer beside that to its frame. Lines never refer to it, so that plain
// reference counts do.
#pragma once

#include <atomic>
#include <cstdint>

#include "taffrail/trace.h"

namespace taffrail::detail {

struct Trace {
  Trace(TraceContext value, bool outgoing) : context(std::move(value)), is_outgoing(outgoing) {}

  std::atomic<uint32_t> references{1};
  const TraceContext context;
  const bool is_outgoing;
};

extern constinit thread_local Trace* current_trace;

}  // namespace taffrail::detail
