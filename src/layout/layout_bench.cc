// What a line costs. W1 is a message and six fields, 270 bytes: what bench/log measures whole.
#include "layout/layout.h"

#include <benchmark/benchmark.h>

#include "layout/line_for_tests.h"
#include "taffrail/context.h"

namespace taffrail::layout {
namespace {

void AddW1(CallForTests& call) {
  call.Add("request_id", std::string("req_8f4e2b1c9d3a"))
      .Add("user_id", std::string("usr_a1b2c3d4"))
      .Add("organization_id", std::string("org_12345"))
      .Add("duration_ms", 45)
      .Add("status_code", 201)
      .Add("path", std::string("/api/v1/tasks"));
}

void Run(benchmark::State& state, const Line& first, const char* name) {
  const auto layout = MakeLayout(name, {}, {.process = {.service = "api"}});
  SitePlans plans;
  OutBuffer out;
  Line line = first;
  for (auto _ : state) {
    if (out.size() > 64 << 10) out.clear();
    line.time_ns += 300;
    layout->Append(line, plans, out);
  }
  state.SetItemsProcessed(state.iterations());
}

void BM_W1(benchmark::State& state, const char* name) {
  CallForTests call("Task created successfully");
  AddW1(call);
  Run(state, call.ByValues(), name);
}
BENCHMARK_CAPTURE(BM_W1, nested, "nested");
BENCHMARK_CAPTURE(BM_W1, flat_error, "flat+error");
BENCHMARK_CAPTURE(BM_W1, dotted, "dotted");
BENCHMARK_CAPTURE(BM_W1, otel, "otel");
BENCHMARK_CAPTURE(BM_W1, text, "text");

// The same with its fields in braces.
void BM_W1Encoded(benchmark::State& state) {
  CallForTests call("Task created successfully");
  AddW1(call);
  Run(state, call.Encoded(), "nested");
}
BENCHMARK(BM_W1Encoded);

// Two numbers at the call, the ids in a scope.
void BM_Scoped(benchmark::State& state, const char* name) {
  const Scope scope({{"request_id", std::string("req_8f4e2b1c9d3a")},
                     {"user_id", std::string("usr_a1b2c3d4")},
                     {"organization_id", std::string("org_12345")}});
  CallForTests call("Task created successfully");
  call.Add("duration_ms", 45).Add("status_code", 201).Add("path", std::string("/api/v1/tasks"));
  Line line = call.ByValues();
  line.context = detail::current_frame;
  Run(state, line, name);
}
BENCHMARK_CAPTURE(BM_Scoped, nested, "nested");
BENCHMARK_CAPTURE(BM_Scoped, flat_error, "flat+error");

}  // namespace
}  // namespace taffrail::layout
