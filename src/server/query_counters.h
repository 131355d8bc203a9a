// What queries have done since the start, for /metrics.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/status.h"
#include "query/exec/executor.h"
#include "store/store.h"

namespace taffrail::server {

struct QueryCounters {
  std::atomic<uint64_t> queries = 0;
  std::atomic<uint64_t> failed = 0;
  std::atomic<uint64_t> cancelled = 0;  // the client went away
  std::atomic<uint64_t> rows_read = 0;
  std::atomic<uint64_t> rows_matched = 0;
  std::atomic<uint64_t> bytes_read = 0;
  std::atomic<uint64_t> duration_us = 0;

  // A query that has ended, well or not.
  void AddQuery(const query::exec::ExecStats& stats, const absl::Status& status) {
    ++queries;
    if (!status.ok()) ++failed;
    if (absl::IsCancelled(status)) ++cancelled;
    rows_read += stats.scan.rows_read;
    rows_matched += stats.scan.rows_matched;
    bytes_read += stats.scan.bytes_read;
    duration_us += static_cast<uint64_t>(stats.time_ns / 1000);
  }

  void AddScan(const store::ScanStats& stats) {
    rows_read += stats.rows_read;
    rows_matched += stats.rows_matched;
    bytes_read += stats.bytes_read;
  }
};

}  // namespace taffrail::server
