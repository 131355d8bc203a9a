// What ingest has done since the start, for /metrics, /readyz and doctor. Counted where it happens, read as a
// whole.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "ingest/oddities.h"
#include "record/intake.h"

namespace taffrail::ingest {

// How an input's lines were treated: NDJSON and Loki pushes alike.
struct IntakeStats {
  record::LineStats lines;
  uint64_t blank = 0;
  uint64_t time_missing = 0;
  uint64_t time_unreadable = 0;
  uint64_t time_future = 0;
  uint64_t labels_refused = 0;  // fields not made labels because of a limit (fields_to_labels.h)
  Oddities oddities;

  IntakeStats& operator+=(const IntakeStats& other);
};

// Upper bounds of the commit latency histogram, in seconds: a fast disk syncs in 0.1 ms, a slow one in 100
// ms, and a second or more is trouble.
inline constexpr std::array<double, 12> kCommitSecondsBounds = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                                                0.05,   0.1,   0.25,   0.5,   1,    5};

struct CommitStats {
  uint64_t commits = 0;
  uint64_t failures = 0;
  uint64_t rows = 0;
  std::array<uint64_t, kCommitSecondsBounds.size() + 1> by_latency = {};  // the last: above every bound
  double seconds_total = 0;
  double last_seconds = 0;
  int64_t last_success_ns = 0;  // Unix time; 0: none yet
  int64_t last_failure_ns = 0;
  std::string last_failure;
};

struct CounterValues {
  IntakeStats intake;
  CommitStats commit;
  uint64_t body_bytes = 0;                  // decoded
  std::map<std::string, uint64_t> uploads;  // by protocol
  std::map<std::string, uint64_t> refused;  // requests not taken (in full), by reason
};

// Thread-safe.
class Counters {
 public:
  void AddIntake(const IntakeStats& stats);
  void AddUpload(const std::string& protocol, uint64_t body_bytes);
  void AddRefused(const std::string& reason);
  void AddCommit(uint64_t rows, double seconds, int64_t now_ns);
  void AddCommitFailure(const std::string& message, int64_t now_ns);
  CounterValues Read() const;

 private:
  mutable absl::Mutex mutex_;
  CounterValues values_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace taffrail::ingest
