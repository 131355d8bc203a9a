#include "ingest/counters.h"

#include <algorithm>

namespace taffrail::ingest {

IntakeStats& IntakeStats::operator+=(const IntakeStats& other) {
  lines += other.lines;
  blank += other.blank;
  time_missing += other.time_missing;
  time_unreadable += other.time_unreadable;
  time_future += other.time_future;
  labels_refused += other.labels_refused;
  oddities += other.oddities;
  return *this;
}

void Counters::AddIntake(const IntakeStats& stats) {
  const absl::MutexLock lock(&mutex_);
  values_.intake += stats;
}

void Counters::AddUpload(const std::string& protocol, uint64_t body_bytes) {
  const absl::MutexLock lock(&mutex_);
  ++values_.uploads[protocol];
  values_.body_bytes += body_bytes;
}

void Counters::AddRefused(const std::string& reason) {
  const absl::MutexLock lock(&mutex_);
  ++values_.refused[reason];
}

void Counters::AddCommit(uint64_t rows, double seconds, int64_t now_ns) {
  const absl::MutexLock lock(&mutex_);
  CommitStats& commit = values_.commit;
  ++commit.commits;
  commit.rows += rows;
  commit.seconds_total += seconds;
  commit.last_seconds = seconds;
  commit.last_success_ns = now_ns;
  const auto bound = std::lower_bound(kCommitSecondsBounds.begin(), kCommitSecondsBounds.end(), seconds);
  ++commit.by_latency[static_cast<size_t>(bound - kCommitSecondsBounds.begin())];
}

void Counters::AddCommitFailure(const std::string& message, int64_t now_ns) {
  const absl::MutexLock lock(&mutex_);
  ++values_.commit.failures;
  values_.commit.last_failure = message;
  values_.commit.last_failure_ns = now_ns;
}

CounterValues Counters::Read() const {
  const absl::MutexLock lock(&mutex_);
  return values_;
}

}  // namespace taffrail::ingest
