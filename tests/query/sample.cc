#include "query/sample.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "record/batch_builder.h"

namespace taffrail::query_test {
namespace {

// Values as they stand in JSON: every kind that the record model tells apart.
const char* const kValues[] = {
    "\"timeout\"",
    "\"Request timeout after 30s\"",
    "\"a b\"",
    "\"\"",
    "\"200\"",
    "\"req_8f4e2b1c\"",
    "\"usr-a1b2c3d4\"",
    "\"tab\\there\"",
    "\"new\\nline\"",
    "\"caf\\u00e9\"",
    "\"größe\"",
    "\"say \\\"hi\\\"\"",
    "\"/api/v1/tasks\"",
    "\"10.1.2.3\"",
    "\"192.168.0.9\"",
    "\"ERROR\"",
    "\"error\"",
    "200",
    "200.0",
    "2e2",
    "404",
    "-5",
    "0",
    "0.10",
    "15.90",
    "1e300",
    "9007199254740993",
    "true",
    "false",
    "null",
    "{}",
    "[]",
    "[\"timeout\",1]",
    "[{\"a\":200}]",
    "\"1.5s\"",
    "\"20KB\"",
};
const char* const kLevels[] = {"\"INFO\"", "\"ERROR\"", "\"warn\"", "\"Warning\"", "\"debug\"", "\"odd\""};
const char* const kKeys[] = {"a", "b", "status", "message", "user", "ip", "a.b", "a_b", "app"};
const char* const kTexts[] = {"plain text ERROR timeout", "{\"broken\":", "200", "[1,2]", "req_8f4e2b1c", ""};

std::string MakeObject(std::mt19937_64& random, int depth) {
  const bool spaced = random() % 4 == 0;
  std::string out = "{";
  const size_t fields = random() % 5;
  for (size_t i = 0; i < fields; ++i) {
    if (i > 0) out += spaced ? ", " : ",";
    out += std::string("\"") + Pick(random, kKeys) + (spaced ? "\" : " : "\":");
    out += depth < 2 && random() % 4 == 0 ? MakeObject(random, depth + 1) : Pick(random, kValues);
  }
  return out + "}";
}

std::string MakeLine(std::mt19937_64& random) {
  if (random() % 12 == 0) return Pick(random, kTexts);
  std::string object = MakeObject(random, 0);
  if (random() % 2 != 0) return object;
  const std::string level = std::string("\"level\":") + Pick(random, kLevels);
  return "{" + level + (object == "{}" ? "}" : "," + object.substr(1));
}

}  // namespace

std::vector<Sample> MakeSamples(std::mt19937_64& random, size_t count) {
  const record::Labels kStreams[] = {
      {}, {{"app", "api"}, {"env", "prod"}}, {{"app", "web"}}, {{"a_b", "200"}}};
  const char* const kAttributes[] = {"", "", R"({"trace":"t-abc12345"})", R"({"user":"timeout","a":"200"})"};
  std::vector<Sample> samples(count);
  int64_t time_ns = 0;
  for (Sample& sample : samples) {
    time_ns += static_cast<int64_t>(random() % 3) * 500'000'000;
    sample = {time_ns, Pick(random, kStreams), Pick(random, kAttributes), MakeLine(random)};
  }
  return samples;
}

std::vector<record::RecordBatch> BuildBatches(const std::vector<Sample>& samples, size_t batch_rows) {
  std::vector<record::RecordBatch> batches;
  record::BatchBuilder builder;
  for (size_t i = 0; i < samples.size(); ++i) {
    builder.SetStream(samples[i].labels);
    builder.Append(samples[i].line, samples[i].timestamp_ns, samples[i].attributes);
    if (builder.rows() == batch_rows || i + 1 == samples.size()) batches.push_back(builder.Finish());
  }
  return batches;
}

record::RecordBatch Coded(std::mt19937_64& random, const record::RecordBatch& batch) {
  record::RecordBatch coded = batch;
  for (record::Column& column : coded.columns) {
    if (!column.IsString() || column.size() == 0) continue;
    std::set<std::string> distinct = {"no value has this"};
    for (size_t i = 0; i < column.size(); ++i) distinct.emplace(column.text(i));
    std::vector<std::string> entries(distinct.begin(), distinct.end());
    std::shuffle(entries.begin(), entries.end(), random);
    record::StringData texts;
    std::map<std::string, uint32_t, std::less<>> codes;
    for (const std::string& entry : entries) {
      codes.emplace(entry, static_cast<uint32_t>(texts.size()));
      texts.Append(entry);
    }
    std::vector<uint32_t> values;
    for (size_t i = 0; i < column.size(); ++i) values.push_back(codes.find(column.text(i))->second);
    column.strings = std::move(texts);
    column.codes = std::move(values);
  }
  return coded;
}

}  // namespace taffrail::query_test
