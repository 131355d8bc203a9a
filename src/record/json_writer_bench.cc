#include "record/json_writer.h"

#include <benchmark/benchmark.h>

namespace taffrail::record {
namespace {

void BM_JsonString(benchmark::State& state, std::string_view piece) {
  std::string text;
  while (text.size() < static_cast<size_t>(state.range(0))) text.append(piece);
  text.resize(static_cast<size_t>(state.range(0)));
  std::string out;
  for (auto _ : state) {
    out.clear();
    AppendJsonString(text, out);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK_CAPTURE(BM_JsonString, plain, "/api/v1/tasks")->Arg(7)->Arg(13)->Arg(64)->Arg(4096);
BENCHMARK_CAPTURE(BM_JsonString, quotes, "say \"hello\", then\n")->Arg(64)->Arg(4096);
BENCHMARK_CAPTURE(BM_JsonString, utf8, "häufig größer ")->Arg(64)->Arg(4096);

void BM_Int(benchmark::State& state) {
  std::string out;
  int64_t value = 201;
  for (auto _ : state) {
    out.clear();
    AppendInt(value++, out);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(BM_Int);

void BM_Double(benchmark::State& state) {
  std::string out;
  double value = 2345.67;
  for (auto _ : state) {
    out.clear();
    AppendDouble(value += 0.01, out);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(BM_Double);

void BM_Rfc3339(benchmark::State& state) {
  std::string out;
  int64_t now_ns = 1'761'834'225'123'456'789;
  for (auto _ : state) {
    out.clear();
    AppendRfc3339(now_ns += 1'000, 3, out);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(BM_Rfc3339);

}  // namespace
}  // namespace taffrail::record
