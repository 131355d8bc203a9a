// A call whose level is off, over the empty loop: both loops alternate in pieces short enough that a change
// of the processor's speed hits both.
#pragma once

#include <vector>

#include "harness/clock.h"
#include "harness/library.h"
#include "harness/options.h"
#include "harness/result.h"

namespace bench {

constexpr int kPiece = 200'000;

// In nanoseconds a turn. The clobber keeps what a turn reads out of registers: between two calls of a service
// anything may have changed.
template <typename L, bool kCalls>
[[gnu::noinline]] double NsOfOneTurn(L& library, const Workload& w) {
  const double begun = WallSeconds();
  for (int i = 0; i < kPiece; ++i) {
    asm volatile("" ::"r"(i) : "memory");
    if constexpr (kCalls) library.LogDisabled(w, i);
  }
  return (WallSeconds() - begun) * 1e9 / kPiece;
}

template <Library L>
void MeasureDisabled(L& library, const Options& options) {
  library.Start(options.setup());
  const Workload w;
  std::vector<double> empty, disabled;
  const double end = WallSeconds() + options.seconds;
  while (WallSeconds() < end) {
    empty.push_back(NsOfOneTurn<L, false>(library, w));
    disabled.push_back(NsOfOneTurn<L, true>(library, w));
  }
  std::ranges::sort(empty);
  std::ranges::sort(disabled);
  const double empty_ns = empty[empty.size() / 2], disabled_ns = disabled[disabled.size() / 2];
  Result().Add("disabled_call_ns", disabled_ns - empty_ns).Add("empty_loop_ns", empty_ns).Print();
}

}  // namespace bench
