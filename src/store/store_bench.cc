// The store's own costs, on lines of a web application; benchmarks/ has the figures from end to end.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <random>

#include "base/mem_env.h"
#include "record/batch_builder.h"
#include "store/block_reader.h"
#include "store/block_writer.h"
#include "store/store.h"
#include "store/wal.h"

namespace taffrail::store {
namespace {

constexpr size_t kRows = 32768;

record::RecordBatch WebBatch(uint64_t seed) {
  std::mt19937_64 random(seed);
  record::BatchBuilder builder;
  for (size_t i = 0; i < kRows; ++i) {
    builder.Append(
        fmt::format(
            R"({{"timestamp":"2026-01-05T08:{:02}:{:02}.{:03}Z","level":"{}","service":"api-gateway",)"
            R"("logger":"request","message":"GET /api/v1/tasks","context":{{"request_id":"req_{:012x}",)"
            R"("user_id":"usr_{:08x}","organization_id":"org_{:05}"}},"metadata":{{"method":"GET",)"
            R"("path":"/api/v1/tasks/{}","status":{},"duration_ms":{}.{:02}}}}})",
            i / 1000 % 60, i / 20 % 60, i % 1000, i % 50 == 0 ? "ERROR" : "INFO", random() >> 16,
            random() % 5000, random() % 700, random() % 9000, i % 50 == 0 ? 500 : 200, random() % 900,
            random() % 100),
        static_cast<int64_t>(seed * kRows + i) * 1'000'000);
  }
  record::RecordBatch batch = builder.Finish();
  for (size_t i = 0; i < kRows; ++i) batch.sequence.push_back(seed * kRows + i);
  return batch;
}

void Rows(benchmark::State& state) {
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kRows));
}

void WalEntry(benchmark::State& state) {
  const record::RecordBatch batch = WebBatch(1);
  uint64_t line_bytes = 0;
  size_t bytes = 0;
  for (auto _ : state) bytes = EncodeWalEntry(batch, line_bytes).size();
  state.counters["bytes_per_row"] = static_cast<double>(bytes) / kRows;
  Rows(state);
}
BENCHMARK(WalEntry)->Unit(benchmark::kMillisecond);

void EncodePartBlock(benchmark::State& state) {
  const record::RecordBatch batch = WebBatch(1);
  size_t bytes = 0;
  for (auto _ : state) {
    std::string block;
    BlockSummary summary;
    IdHashes words;
    EncodeBlock(batch, {.zstd_level = static_cast<int>(state.range(0))}, block, summary, &words);
    words.Take();
    bytes = block.size();
  }
  state.counters["bytes_per_row"] = static_cast<double>(bytes) / kRows;
  Rows(state);
}
BENCHMARK(EncodePartBlock)->Arg(1)->Arg(3)->Arg(6)->Unit(benchmark::kMillisecond);

void DecodePartBlock(benchmark::State& state) {
  std::string block;
  BlockSummary summary;
  EncodeBlock(WebBatch(1), {}, block, summary, nullptr);
  const std::string name = "bench";
  for (auto _ : state) {
    absl::StatusOr<BlockReader> reader = BlockReader::Open(BlockBytes(block, name), summary.directory_bytes);
    if (!reader.ok() || !reader->LoadAll().ok()) state.SkipWithError("block does not decode");
  }
  Rows(state);
}
BENCHMARK(DecodePartBlock)->Unit(benchmark::kMillisecond);

void AppendAndFlush(benchmark::State& state) {
  std::vector<record::RecordBatch> batches;
  for (uint64_t i = 0; i < 8; ++i) {
    batches.push_back(WebBatch(i));
    batches.back().sequence.clear();
  }
  for (auto _ : state) {
    base::MemEnv env;
    auto store = Store::Open({.dir = "/s", .env = &env, .background = false});
    for (const record::RecordBatch& batch : batches) {
      if (!(*store)->Append(batch).ok()) state.SkipWithError("append failed");
    }
    if (!(*store)->Flush().ok()) state.SkipWithError("flush failed");
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kRows * batches.size()));
}
BENCHMARK(AppendAndFlush)->Unit(benchmark::kMillisecond);

void ScanInOrder(benchmark::State& state) {
  base::MemEnv env;
  auto store = Store::Open({.dir = "/s", .env = &env, .background = false});
  for (uint64_t i = 0; i < 8; ++i) {
    record::RecordBatch batch = WebBatch(i);
    if (!(*store)->Append(std::move(batch)).ok()) state.SkipWithError("append failed");
  }
  if (!(*store)->Flush().ok()) state.SkipWithError("flush failed");
  uint64_t rows = 0;
  const ScanRequest request{.columns = {.line = true}, .order = Order::kAscending};
  for (auto _ : state) {
    const auto count = [&](const record::RecordBatch&, const expr::Selection& selection) {
      rows += selection.size();
      return true;
    };
    if (!(*store)->Scan(request, count, nullptr).ok()) state.SkipWithError("scan failed");
  }
  state.SetItemsProcessed(static_cast<int64_t>(rows));
}
BENCHMARK(ScanInOrder)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace taffrail::store
