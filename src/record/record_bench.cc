// What reading and rebuilding a line costs, beside simdjson walking the same lines.
#include <benchmark/benchmark.h>
#include <simdjson.h>

#include <string>
#include <vector>

#include "record/batch_builder.h"
#include "record/row_cursor.h"

namespace taffrail::record {
namespace {

// Twelve kinds of line like those of a web application, about 400 bytes each.
std::vector<std::string> WebLines() {
  std::vector<std::string> lines;
  for (int i = 0; i < 20000; ++i) {
    const std::string n = std::to_string(i * 7919 % 100000);
    std::string line =
        R"({"timestamp":"2026-01-05T08:00:0)" + std::to_string(i % 10) + R"(.013Z","level":"DEBUG",)" +
        R"("service":"task-service","logger":"database","message":"SELECT tasks.* FROM tasks",)" +
        R"("context":{"request_id":"f797747e-68ba-44a0-aff1-58d1)" + n +
        R"(","user_id":"usr_0ddc68fe","organization_id":"org_00056"},"metadata":{"query":)" +
        R"("SELECT tasks.* FROM tasks WHERE organization_id = $1 AND deleted_at IS NULL LIMIT 50",)" +
        R"("params":["usr_3cc73a80",)" + n + R"(],"duration_ms":)" + n + ".67,\"rows\":" + n;
    line += ",\"kind_" + std::to_string(i % 12) + R"(":true,"pool":"replica","tx":null}})";
    lines.push_back(std::move(line));
  }
  return lines;
}

void BM_BatchBuilder(benchmark::State& state) {
  const std::vector<std::string> lines = WebLines();
  BatchBuilder builder;
  size_t bytes = 0;
  for (auto _ : state) {
    for (const std::string& line : lines) {
      builder.Append(line, 0);
      bytes += line.size();
    }
    benchmark::DoNotOptimize(builder.Finish());
  }
  state.SetBytesProcessed(static_cast<int64_t>(bytes));
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * lines.size()));
}
BENCHMARK(BM_BatchBuilder);

void BM_RowCursorAppendLine(benchmark::State& state) {
  const std::vector<std::string> lines = WebLines();
  BatchBuilder builder;
  for (const std::string& line : lines) builder.Append(line, 0);
  const RecordBatch batch = builder.Finish();
  std::string out;
  for (auto _ : state) {
    RowCursor cursor(batch);
    for (size_t row = 0; row < batch.rows(); ++row) {
      out.clear();
      cursor.MoveTo(row);
      cursor.AppendLine(out);
      benchmark::DoNotOptimize(out.data());
    }
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * lines.size()));
}
BENCHMARK(BM_RowCursorAppendLine);

size_t Walk(simdjson::dom::element element) {
  size_t values = 0;
  if (element.is_object()) {
    for (const auto field : simdjson::dom::object(element)) values += Walk(field.value);
    return values;
  }
  return 1;
}

void BM_PeerSimdjsonDom(benchmark::State& state) {
  const std::vector<std::string> lines = WebLines();
  simdjson::dom::parser parser;
  size_t bytes = 0;
  for (auto _ : state) {
    for (const std::string& line : lines) {
      benchmark::DoNotOptimize(Walk(parser.parse(line)));
      bytes += line.size();
    }
  }
  state.SetBytesProcessed(static_cast<int64_t>(bytes));
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * lines.size()));
}
BENCHMARK(BM_PeerSimdjsonDom);

}  // namespace
}  // namespace taffrail::record
