// What a library costs a process that logs little or nothing, in percent of one core.
#pragma once

#include <chrono>
#include <thread>

#include "harness/clock.h"
#include "harness/library.h"
#include "harness/options.h"
#include "harness/result.h"

namespace bench {

constexpr int kSlicesPerSecond = 1000;

// Runs `slice` a thousand times a second; the processor time of the process in percent of a core.
template <typename Slice>
double CpuPercentOfSlices(double seconds, Slice slice) {
  const double cpu = CpuSeconds(), wall = WallSeconds();
  auto due = std::chrono::steady_clock::now();
  const int slices = static_cast<int>(seconds * kSlicesPerSecond);
  for (int i = 0; i < slices; ++i) {
    slice(i);
    due += std::chrono::microseconds(1'000'000 / kSlicesPerSecond);
    std::this_thread::sleep_until(due);
  }
  return (CpuSeconds() - cpu) * 100 / (WallSeconds() - wall);
}

// 100 000 lines a second. What the pacing itself costs is measured before the library starts, and subtracted.
template <Library L>
void MeasurePaced(L& library, const Options& options) {
  constexpr int kLinesPerSlice = 100'000 / kSlicesPerSecond;
  const Workload w;
  const double pacing_pct = CpuPercentOfSlices(options.seconds, [](int) {});
  library.Start(options.setup());
  const double paced_pct = CpuPercentOfSlices(options.seconds, [&](int slice) {
    for (int i = 0; i < kLinesPerSlice; ++i) library.Log(w, slice * kLinesPerSlice + i);
  });
  library.Flush();
  Result().Add("paced_100k_cpu_pct", paced_pct - pacing_pct).Add("pacing_cpu_pct", pacing_pct).Print();
}

// After a burst of work: a library that has never been used may sleep better than one that has.
template <Library L>
void MeasureIdle(L& library, const Options& options) {
  constexpr int kLinesBefore = 1000;
  constexpr auto kSettle = std::chrono::milliseconds(300);
  library.Start(options.setup());
  const Workload w;
  for (int i = 0; i < kLinesBefore; ++i) library.Log(w, i);
  library.Flush();
  std::this_thread::sleep_for(kSettle);
  const double cpu = CpuSeconds(), wall = WallSeconds();
  std::this_thread::sleep_for(std::chrono::duration<double>(options.seconds));
  Result().Add("idle_cpu_pct", (CpuSeconds() - cpu) * 100 / (WallSeconds() - wall)).Print();
}

}  // namespace bench
