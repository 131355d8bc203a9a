#include "ingest/pipeline.h"

#include <utility>

namespace taffrail::ingest {

absl::Status Pipeline::Commit(record::RecordBatch batch) {
  const size_t rows = batch.rows();
  if (rows == 0) return absl::OkStatus();
  const int64_t begin_ns = env_.MonotonicNs();
  absl::Status status = store_.Append(std::move(batch), [&](const record::RecordBatch& committed) {
    counters_.AddCommit(rows, static_cast<double>(env_.MonotonicNs() - begin_ns) / 1e9, env_.NowNs());
    standing_.Publish(committed);
  });
  if (!status.ok()) counters_.AddCommitFailure(std::string(status.message()), env_.NowNs());
  return status;
}

}  // namespace taffrail::ingest
