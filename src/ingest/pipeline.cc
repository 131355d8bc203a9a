#include "ingest/pipeline.h"

#include <utility>
#include <vector>

namespace taffrail::ingest {

absl::Status Pipeline::StartDeduplication(const DeduplicationOptions& options) {
  deduplicator_ = std::make_unique<Deduplicator>(options, env_);
  return deduplicator_->Refill(store_);
}

// Duplicates go first: by the id that was sent, and before a ledger takes the record a second time.
absl::Status Pipeline::Commit(record::RecordBatch batch, std::string_view tenant, uint64_t* duplicates) {
  Stored stored;
  if (deduplicator_ == nullptr) return CommitRest(std::move(batch), tenant, stored);
  const size_t rows = batch.rows();
  Deduplicator::Claim claim = deduplicator_->Take(batch);
  if (duplicates != nullptr) *duplicates += rows - batch.rows();
  absl::Status status = CommitRest(std::move(batch), tenant, stored);
  claim.Settle(stored.rows, stored.end_sequence);
  return status;
}

absl::Status Pipeline::CommitRest(record::RecordBatch batch, std::string_view tenant, Stored& stored) {
  if (batch.rows() == 0) return absl::OkStatus();
  for (record::RecordBatch& looked : redaction_.Look(std::move(batch)))
    TAFFRAIL_RETURN_IF_ERROR(Admit(std::move(looked), tenant, stored));
  // What it found is the sender's news, not its failure: a warning that cannot be stored is counted as that.
  Stored own;
  if (auto warnings = redaction_.Warnings(env_.NowNs())) (void)Store(*std::move(warnings), own);
  return absl::OkStatus();
}

absl::Status Pipeline::Admit(record::RecordBatch batch, std::string_view tenant, Stored& stored) {
  if (audit_ == nullptr) return Store(std::move(batch), stored);
  // The ledgers first: what they do not have must not be found as if they had.
  absl::StatusOr<std::vector<record::RecordBatch>> admitted = audit_->Admit(std::move(batch), tenant);
  if (!admitted.ok()) {
    counters_.AddCommitFailure(std::string(admitted.status().message()), env_.NowNs());
    return admitted.status();
  }
  for (record::RecordBatch& part : *admitted) TAFFRAIL_RETURN_IF_ERROR(Store(std::move(part), stored));
  return absl::OkStatus();
}

absl::Status Pipeline::Store(record::RecordBatch batch, Stored& stored) {
  const size_t rows = batch.rows();
  const int64_t begin_ns = env_.MonotonicNs();
  absl::Status status = store_.Append(std::move(batch), [&](const record::RecordBatch& committed) {
    stored.rows += rows;
    stored.end_sequence = committed.sequence.back() + 1;
    counters_.AddCommit(rows, static_cast<double>(env_.MonotonicNs() - begin_ns) / 1e9, env_.NowNs());
    standing_.Publish(committed);
  });
  if (!status.ok()) counters_.AddCommitFailure(std::string(status.message()), env_.NowNs());
  return status;
}

}  // namespace taffrail::ingest
