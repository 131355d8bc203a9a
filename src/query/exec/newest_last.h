// Turns around the records of a query that gives the newest first: "the last 100" are found from the end, and
// read from their beginning.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "query/exec/executor.h"

namespace taffrail::query::exec {

class NewestLast final : public ResultSink {
 public:
  // Holds at most so many bytes of records.
  NewestLast(ResultSink& sink, uint64_t max_memory_bytes)
      : sink_(sink), max_memory_bytes_(max_memory_bytes) {}

  bool OnColumns(const std::vector<std::string>& columns) override { return sink_.OnColumns(columns); }
  bool OnRecord(const LogRow& row) override;
  bool OnRow(const std::vector<expr::Value>& row) override { return sink_.OnRow(row); }

  // After the query: hands the records on. ResourceExhausted when they were too many to hold.
  absl::Status Finish();

 private:
  struct Held {
    LogRow row;  // its views are set when it is handed on
    record::Labels labels;
    std::string line;
    std::string attributes;
  };

  ResultSink& sink_;
  const uint64_t max_memory_bytes_;
  uint64_t memory_bytes_ = 0;
  std::vector<Held> held_;
  absl::Status error_;
};

}  // namespace taffrail::query::exec
