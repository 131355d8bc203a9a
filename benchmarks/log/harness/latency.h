// How long the caller is held up by a call: the distribution of means of 20 calls, in bursts of 1000 with the
// queue drained between, on each of N threads at once.
//
// The stamps between the means follow each other without a gap, so no time is lost between two of them, and
// what a reading of the clock takes is subtracted from each mean alike.
#pragma once

#include <barrier>
#include <thread>
#include <vector>

#include "harness/clock.h"
#include "harness/library.h"
#include "harness/options.h"
#include "harness/result.h"

namespace bench {

constexpr int kMeanOf = 20;
constexpr int kBurst = 1000;
constexpr int kMeans = kBurst / kMeanOf;
constexpr int kWarmupBursts = 20;
constexpr int kBurstsMin = 50;  // of a peer so slow that its time is over before

// Not inlined, so that a profiler finds it.
template <Library L>
[[gnu::noinline]] void Burst(L& library, const Workload& w, std::vector<uint64_t>& ticks) {
  std::array<uint64_t, kMeans + 1> stamps;
  stamps[0] = Ticks();
  for (int i = 0; i < kMeans; ++i) {
    for (int j = 0; j < kMeanOf; ++j) library.Log(w, i * kMeanOf + j);
    stamps[i + 1] = Ticks();
  }
  for (int i = 0; i < kMeans; ++i) ticks.push_back(stamps[i + 1] - stamps[i]);
}

template <Library L>
void MeasureLatency(L& library, const Options& options) {
  library.Start(options.setup());
  const double reading = TicksOfOneReading();
  const TickScale scale;
  const double end = WallSeconds() + options.seconds;
  bool done = false;  // written by the thread that drains, while the others wait
  int bursts = 0;
  std::vector<std::vector<uint64_t>> ticks(options.threads);
  std::barrier together(options.threads);
  const auto run = [&](int index) {
    const Workload w;
    while (!done) {
      together.arrive_and_wait();
      Burst(library, w, ticks[index]);
      together.arrive_and_wait();
      if (index == 0) {
        library.Flush();
        ++bursts;
        done = bursts >= kWarmupBursts + kBurstsMin && WallSeconds() >= end;
      }
      together.arrive_and_wait();
    }
  };
  std::vector<std::jthread> others;
  for (int i = 1; i < options.threads; ++i) others.emplace_back(run, i);
  run(0);
  others.clear();

  std::vector<double> means;
  for (const auto& of_thread : ticks) {
    for (size_t i = kWarmupBursts * kMeans; i < of_thread.size(); ++i) {
      means.push_back((static_cast<double>(of_thread[i]) - reading) * scale.NsPerTick() / kMeanOf);
    }
  }
  std::ranges::sort(means);
  Result()
      .Add("p50_ns", means[means.size() / 2])
      .Add("p999_ns", means[means.size() * 999 / 1000])
      .Add("means", static_cast<double>(means.size()))
      .Print();
}

}  // namespace bench
