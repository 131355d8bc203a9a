// What conditions cost on one block of the store: 64 Ki lines of a web application.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>

#include "expr/field_reader.h"
#include "expr/matcher.h"
#include "expr/text.h"
#include "fmt/format.h"
#include "record/batch_builder.h"

namespace taffrail::expr {
namespace {

const record::RecordBatch& Block() {
  static const record::RecordBatch* const batch = [] {
    record::BatchBuilder builder;
    uint32_t seed = 1;
    const auto random = [&seed](uint32_t bound) {
      return (seed = seed * 1664525 + 1013904223) / 65536 % bound;
    };
    const char* const kLevels[] = {"INFO", "INFO", "INFO", "DEBUG", "WARNING", "ERROR"};
    const char* const kMessages[] = {"Task created successfully", "HTTP request completed",
                                     "Slow database query", "Upstream timeout after 30s"};
    for (size_t i = 0; i < record::kMaxBatchRows; ++i) {
      std::string line = fmt::format(
          R"({{"timestamp":"2025-10-30T14:{:02}:{:02}.{:03}Z","level":"{}","service":"api","message":"{}",)",
          i / 3600 % 60, i / 60 % 60, i % 1000, kLevels[random(6)], kMessages[random(4)]);
      line += fmt::format(R"("context":{{"request_id":"req_{:08x}","user_id":"usr_{:08x}",)",
                          random(1 << 30) * 7, random(5000));
      line +=
          fmt::format(R"("organization_id":"org_{}"}},"metadata":{{"duration_ms":{}.{:02},"method":"POST",)",
                      random(700), random(3000), random(100));
      line += fmt::format(R"("path":"/api/v1/tasks/{}","status_code":{}}}}})", random(500),
                          200 + random(4) * 100);
      builder.Append(line, static_cast<int64_t>(i));
    }
    return new record::RecordBatch(builder.Finish());
  }();
  return *batch;
}

void BM_Matcher(benchmark::State& state, const char* text) {
  const auto expr = Parse(text);
  if (!expr.ok()) std::abort();
  const auto matcher = *Matcher::Compile(*expr);
  const record::RecordBatch& batch = Block();
  Selection rows;
  for (auto _ : state) {
    matcher->Evaluate(batch, rows);
    benchmark::DoNotOptimize(rows.data());
  }
  state.counters["rows_matched"] = static_cast<double>(rows.size());
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * batch.rows()));
}

BENCHMARK_CAPTURE(BM_Matcher, equal_level, R"(equal(level, "ERROR"))");
BENCHMARK_CAPTURE(BM_Matcher, equal_id, R"(equal(field("context.request_id"), "req_00bada55"))");
BENCHMARK_CAPTURE(BM_Matcher, any_id, R"(phrase(any, "req_00bada55"))");
BENCHMARK_CAPTURE(BM_Matcher, any_word, R"(phrase(any, "timeout"))");
BENCHMARK_CAPTURE(BM_Matcher, any_number, R"(phrase(any, "404"))");
BENCHMARK_CAPTURE(BM_Matcher, greater, R"(greater(field("metadata.duration_ms"), 1000))");
BENCHMARK_CAPTURE(BM_Matcher, wildcard, R"(wildcard(field("metadata.path"), "/api/*/12?"))");
BENCHMARK_CAPTURE(BM_Matcher, regex_field, R"(regex(field("metadata.path"), "tasks/1[0-9]+$"))");
BENCHMARK_CAPTURE(BM_Matcher, line_contains, R"(contains(line, "timeout"))");
BENCHMARK_CAPTURE(BM_Matcher, line_contains_no_case, R"(contains(line, "TIMEOUT", ignore_case))");
BENCHMARK_CAPTURE(BM_Matcher, line_contains_number, R"(contains(line, "404"))");
BENCHMARK_CAPTURE(BM_Matcher, line_contains_json, R"(contains(line, "\"level\":\"ERROR\""))");
BENCHMARK_CAPTURE(BM_Matcher, line_regex, R"(regex(line, "status_code\":5[0-9]+"))");
BENCHMARK_CAPTURE(BM_Matcher, logql_number, R"(greater_equal(logql("metadata_status_code"), 500))");
BENCHMARK_CAPTURE(BM_Matcher, and_or,
                  R"(and(equal(level, "ERROR"), or(phrase(message, "timeout"), phrase(message, "slow"))))");

void BM_FieldReader(benchmark::State& state, const char* path) {
  const record::RecordBatch& batch = Block();
  for (auto _ : state) {
    const FieldReader reader(batch, {FieldRef::Source::kField, path});
    record::RowCursor cursor(batch);
    std::string key;
    for (size_t row = 0; row < batch.rows(); ++row) {
      cursor.MoveTo(row);
      key.clear();
      reader.AppendKey(cursor, key);
      benchmark::DoNotOptimize(key.data());
    }
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * batch.rows()));
}

BENCHMARK_CAPTURE(BM_FieldReader, key_of_text, "context.organization_id");
BENCHMARK_CAPTURE(BM_FieldReader, key_of_decimal, "metadata.duration_ms");

}  // namespace
}  // namespace taffrail::expr
