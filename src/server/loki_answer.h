// Answers to queries in Loki's JSON.
//
//   streams   {"stream":{labels},"values":[["ns","line"],…]}            of each set of labels, sorted by them
//   matrix    {"metric":{labels},"values":[[seconds,"value"],…]}
//   vector    {"metric":{labels},"value":[seconds,"value"]}
//   scalar    [seconds,"value"]
//
// With labels categorized (as Grafana asks for), "stream" holds the stream's own labels, and each value a
// third member: {"structuredMetadata":{…},"parsed":{…}}.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "query/exec/entry.h"
#include "query/exec/executor.h"
#include "query/exec/series.h"

namespace taffrail::server {

class LokiAnswer final : public query::exec::ResultSink {
 public:
  enum class Shape : uint8_t { kRange, kInstant };
  LokiAnswer(Shape shape, bool categorizes_labels) : shape_(shape), categorizes_labels_(categorizes_labels) {}

  bool OnColumns(const std::vector<std::string>&) override { return true; }
  bool OnRecord(const query::exec::LogRow& row) override;
  bool OnRow(const std::vector<expr::Value>&) override { return false; }
  bool OnMatrix(const query::exec::Matrix& matrix) override;

  // Of log queries: of each stretch of this length only its first line stays, in the direction of the query,
  // and of these `limit`. Comes before Limit, so the query itself has none.
  void Thin(int64_t interval_ns, uint64_t limit) {
    interval_ns_ = interval_ns;
    limit_ = limit;
  }

  // For the statistics: what the request waited for its turn.
  void SetWaited(int64_t waited_ns) { waited_ns_ = waited_ns; }

  // The whole document. Warnings are a member of their own, as in Loki 3, when there are any.
  std::string ToJson(const query::exec::ExecStats& stats,
                     const std::vector<std::string>& warnings = {}) const;
  void SetScalar(int64_t time_ns, double value);

  uint64_t entries() const { return entries_; }

 private:
  struct Stream {
    std::string values;  // JSON, with commas between
  };

  const Shape shape_;
  const bool categorizes_labels_;
  int64_t interval_ns_ = 0;  // 0: every line
  uint64_t limit_ = UINT64_MAX;
  std::optional<int64_t> last_ns_;  // of the line that stayed last
  std::string type_ = "streams";
  std::map<query::exec::LabelSet, Stream> streams_;
  std::string series_;  // JSON of the result's members
  uint64_t entries_ = 0;
  uint64_t line_bytes_ = 0;
  int64_t waited_ns_ = 0;
};

// {"a":"b",…}
void AppendLabelSet(const query::exec::LabelSet& labels, std::string& out);
// A value as Go's FormatFloat(v, 'f', -1, 64) writes it.
std::string LokiNumber(double value);
// Unix seconds with milliseconds where there are some.
std::string LokiSeconds(int64_t time_ns);
void AppendLokiStats(const query::exec::ExecStats& stats, uint64_t entries, int64_t waited_ns,
                     std::string& out);
// ["ns","line"] or ["ns","line",{…}].
void AppendLokiValue(const query::exec::LogRow& row, bool categorizes_labels, std::string& out);
query::exec::LabelSet LokiStreamLabels(const query::exec::LogRow& row, bool categorizes_labels);

}  // namespace taffrail::server
