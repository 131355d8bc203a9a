#include "taffrail/detail/step.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "taffrail/context.h"

// Out of line, as everything is that a coroutine calls and that reads a thread_local: a compiler may take its
// address to be the same before and after a suspension.
namespace taffrail::detail {
namespace {

constinit thread_local StepRecord* running = nullptr;
std::atomic<uint64_t> last_id{0};

// A list has as many as there are scopes around each other, a handful. `release` gives back one reference.
template <typename Item, typename Release>
void Keep(std::vector<Item*>& kept, Item* before, Item* ended, Release release) noexcept {
  if (const auto found = std::ranges::find(kept, ended); ended != nullptr && found != kept.end()) {
    release(ended);  // whoever ends it has a reference of its own
    kept.erase(found);
  }
  if (before == nullptr) return;
  if (std::ranges::find(kept, before) != kept.end()) return release(before);
  try {
    kept.push_back(before);
  } catch (...) {  // no memory: better held for ever than too short
  }
}

}  // namespace

StepRecord* swap_step(StepRecord* step) noexcept { return std::exchange(running, step); }
uint64_t running_executor() noexcept { return running == nullptr ? 0 : running->executor; }
uint64_t new_executor_id() noexcept { return last_id.fetch_add(1, std::memory_order_relaxed) + 1; }

// The reference goes to the running step, if any.
void give_back_frame(Frame* before, Frame* ended) noexcept {
  if (running == nullptr) return release_frame(before);
  Keep(running->frames, before, ended, release_frame);
}

void give_back_trace(Trace* before, Trace* ended) noexcept {
  if (running == nullptr) return release_trace(before);
  Keep(running->traces, before, ended, release_trace);
}

}  // namespace taffrail::detail
