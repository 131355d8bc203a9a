// What a call costs, beside the floor: the same fields and a tick copied into a bare ring. (The figures of
// record are benchmarks/log; this is for working on the library.)
//
// Means of 20 calls, bursts of 1000 with the queue drained between, as in the peers' table: p50 and p99.9 are
// counters.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "taffrail/config.h"
#include "taffrail/context.h"
#include "taffrail/log.h"

namespace taffrail {
namespace {

constexpr int kMean = 20;
constexpr int kBurst = 1000;

const std::string request_id = "req_8f4e2b1c09ad", user_id = "usr_a1b2c3d4", organization = "org_12345",
                  path = "/api/v1/tasks";

const Logger& Log() {
  static const Logger logger("bench");
  return logger;
}

void InitToNothing() {
  Config config;
  config.sinks = {{function_sink([](const Batch& batch) {
                     benchmark::DoNotOptimize(batch.text.data());
                     return true;
                   }),
                   Level::kTrace, "nested"}};
  init(config);
}

// Runs `call` in bursts, and reports the distribution of means of kMean calls.
template <typename Call, typename Drain>
void Measure(benchmark::State& state, Call call, Drain drain) {
  std::vector<double> means;
  const auto now_ns = [] {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
  };
  for (auto _ : state) {
    for (int i = 0; i < kBurst / kMean; ++i) {
      const double begun = now_ns();
      for (int j = 0; j < kMean; ++j) call(i * kMean + j);
      means.push_back((now_ns() - begun) / kMean);
    }
    state.PauseTiming();
    drain();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * kBurst);
  std::ranges::sort(means);
  state.counters["p50_ns"] = means[means.size() / 2];
  state.counters["p999_ns"] = means[means.size() * 999 / 1000];
}

void BM_Floor(benchmark::State& state) {
  constexpr size_t kRing = size_t{1} << 18;
  const auto ring = std::make_unique<char[]>(kRing + 256);
  std::memset(ring.get(), 0, kRing);
  uint64_t at = 0;
  const auto put = [](char* to, const std::string& text) {
    const auto size = static_cast<uint32_t>(text.size());
    std::memcpy(to, &size, sizeof(size));
    std::memcpy(to + sizeof(size), text.data(), size);
    return to + sizeof(size) + size;
  };
  Measure(
      state,
      [&](int i) {
        char* to = ring.get() + (at & (kRing - 1));
        char* const begin = to;
        const uint64_t ticks = detail::now_ticks();
        std::memcpy(to, &ticks, sizeof(ticks));
        to = put(to + sizeof(ticks), request_id);
        to = put(to, user_id);
        to = put(to, organization);
        const int status = 201;
        std::memcpy(to, &i, sizeof(i));
        std::memcpy(to + sizeof(i), &status, sizeof(status));
        to = put(to + 8, path);
        at += static_cast<uint64_t>(to - begin + 7) & ~uint64_t{7};
        benchmark::DoNotOptimize(at);
        benchmark::ClobberMemory();
      },
      [] {});
}
BENCHMARK(BM_Floor)->Iterations(3000);

void BM_SixFields(benchmark::State& state) {
  InitToNothing();
  Measure(
      state,
      [](int i) {
        Log().info("Task created successfully", kv("request_id", request_id), kv("user_id", user_id),
                   kv("organization_id", organization), kv("duration_ms", i), kv("status_code", 201),
                   kv("path", path));
      },
      [] { flush(); });
}
BENCHMARK(BM_SixFields)->Iterations(3000);

void BM_ThreeFieldsInAScope(benchmark::State& state) {
  InitToNothing();
  const Scope scope({{"request_id", request_id}, {"user_id", user_id}, {"organization_id", organization}});
  Measure(
      state,
      [](int i) {
        Log().info("Task created successfully", kv("duration_ms", i), kv("status_code", 201),
                   kv("path", path));
      },
      [] { flush(); });
}
BENCHMARK(BM_ThreeFieldsInAScope)->Iterations(3000);

void BM_SixFieldsAsAList(benchmark::State& state) {
  InitToNothing();
  Measure(
      state,
      [](int i) {
        Log().info("Task created successfully", {{"request_id", request_id},
                                                 {"user_id", user_id},
                                                 {"organization_id", organization},
                                                 {"duration_ms", i},
                                                 {"status_code", 201},
                                                 {"path", path}});
      },
      [] { flush(); });
}
BENCHMARK(BM_SixFieldsAsAList)->Iterations(3000);

void BM_Disabled(benchmark::State& state) {
  InitToNothing();
  int i = 0;
  for (auto _ : state) {
    TAFFRAIL_DEBUG(Log(), "Task created successfully", kv("request_id", request_id), kv("duration_ms", ++i));
  }
}
BENCHMARK(BM_Disabled);

void BM_Scope(benchmark::State& state) {
  InitToNothing();
  for (auto _ : state) {
    const Scope scope({{"request_id", request_id}, {"user_id", user_id}, {"organization_id", organization}});
  }
}
BENCHMARK(BM_Scope);

// Lines a second through the whole backend, and the processor time of all threads for each.
void BM_ThroughputToFile(benchmark::State& state) {
  const std::string file = (std::filesystem::temp_directory_path() / "taffrail_log_bench.log").string();
  Config config;
  config.sinks = {{file_sink(file), Level::kTrace, "nested"}};
  init(config);
  constexpr int kLines = 200'000;
  timespec before, after;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
  for (auto _ : state) {
    for (int i = 0; i < kLines; ++i) {
      Log().info("Task created successfully", kv("request_id", request_id), kv("user_id", user_id),
                 kv("organization_id", organization), kv("duration_ms", i), kv("status_code", 201),
                 kv("path", path));
    }
    flush();
  }
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
  const double cpu_ns = static_cast<double>(after.tv_sec - before.tv_sec) * 1e9 +
                        static_cast<double>(after.tv_nsec - before.tv_nsec);
  state.SetItemsProcessed(state.iterations() * kLines);
  state.counters["cpu_ns_per_line"] = cpu_ns / static_cast<double>(state.iterations() * kLines);
  init({});
  std::filesystem::remove(file);
}
BENCHMARK(BM_ThroughputToFile)->UseRealTime()->Iterations(10);

}  // namespace
}  // namespace taffrail
