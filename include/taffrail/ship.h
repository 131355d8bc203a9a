// Sends lines to a Grafana Loki or Taffrail server: POST <url>/loki/api/v1/push.
//
// Delivery is at least once: a batch whose answer was lost is sent again. Lines wait in bounded memory, or
// with spool_dir in files that survive the process, however it ends (sink_durable.h); what does not fit is
// counted and told. A line that the server refuses for good (400, 413, 422) takes none of its batch along: it
// goes to the dead-letter file with the reason. Link taffrail_ship.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "taffrail/sinks.h"

namespace taffrail {

struct LokiConfig {
  std::string url = "http://127.0.0.1:4880";                 // without the path of the API
  std::vector<std::pair<std::string, std::string>> labels;   // of the stream, for example {"service", "api"}
  bool level_label = true;                                   // one stream a level, as Loki's users expect
  std::string tenant;                                        // X-Scope-OrgID
  std::vector<std::pair<std::string, std::string>> headers;  // for example authorization
  bool gzip = false;

  size_t batch_bytes =
      size_t{1} << 20;          // a batch goes when it has so many bytes (Loki's own limit is 4 MiB) …
  size_t batch_lines = 10'000;  // … or lines …
  int64_t batch_age_ms = 500;   // … or its first line is so old
  size_t queue_bytes =
      size_t{32} << 20;  // lines waiting in memory; beyond it the newest are dropped and counted

  int64_t backoff_initial_ms = 200;
  int64_t backoff_max_ms = 30'000;
  int64_t request_timeout_ms = 15'000;
  int breaker_failures = 5;  // after so many in a row: no request for breaker_open_ms, then one with one line
  int64_t breaker_open_ms = 5'000;

  std::string spool_dir;  // of this sink alone; empty: lines wait in memory
  uint64_t spool_bytes = uint64_t{1} << 30;
  std::string dead_letter_file;  // empty: dead-letter.log in spool_dir; without that, refused lines are lost
};

struct LokiStats {
  uint64_t lines_sent = 0;  // acknowledged
  uint64_t batches_sent = 0;
  uint64_t retries = 0;
  uint64_t lines_dropped = 0;  // the queue or the spool was full, or the program ended first
  uint64_t lines_refused = 0;  // for good
  uint64_t spool_bytes = 0;    // now
  bool circuit_open = false;
};

class LokiSink : public Sink {
 public:
  virtual LokiStats stats() const = 0;
};
std::shared_ptr<LokiSink> loki_sink(LokiConfig config);

}  // namespace taffrail
