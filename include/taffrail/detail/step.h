// A piece of a coroutine's work between two suspensions, run by a thread with the coroutine's context
// (asio.h).
//
// A scope goes back, when it ends, to what was there before it. On one thread that is a scope further up the
// stack and lives longer. In a coroutine it can be a scope of the coroutine that spawned this one, ended long
// ago: so a scope holds what it will go back to, and hands that to the step, to be held while it is used.
#pragma once

#include <cstdint>
#include <vector>

namespace taffrail::detail {

struct Frame;
struct Trace;

struct StepRecord {
  uint64_t executor = 0;       // the context_executor() that this runs for; 0: none
  std::vector<Frame*> frames;  // gone back to, and not yet ended
  std::vector<Trace*> traces;
};

StepRecord* swap_step(StepRecord* step) noexcept;  // makes it this thread's; returns the one before
uint64_t running_executor() noexcept;
uint64_t new_executor_id() noexcept;

}  // namespace taffrail::detail
