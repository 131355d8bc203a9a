// The way of audit records into their ledgers: picked out, checked, sealed, and in the tree before anyone
// hears that they were taken.
//
//   batch ─ rules ─┬─ audit: questions ─ seal ─ ledger, durable ─┐
//                  └─ all others ──────────────────────────────── batch for the store
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/env.h"
#include "base/status.h"
#include "ingest/audit_policy.h"
#include "ledger/ledgers.h"
#include "ledger/subject_keys.h"
#include "record/batch.h"

namespace taffrail::ingest {

struct AuditCounts {
  uint64_t records = 0;     // in ledgers
  uint64_t incomplete = 0;  // that left a question open, taken or not
  uint64_t rejected = 0;    // for that
  uint64_t sealed = 0;      // values
  uint64_t failures = 0;    // records that no ledger took
};

// Adds members to an audit record by what else is known of it (enrichment).
class AuditEnricher {
 public:
  virtual ~AuditEnricher() = default;
  // JSON members, `"a":1,"b":2`; empty: none. Thread-safe.
  virtual std::string MembersFor(std::span<const JsonField> fields, int64_t time_ns) = 0;
};

// Thread-safe.
class AuditDoor {
 public:
  // All must outlive the door. `subjects` and `enricher` may be null: then nothing is sealed or added.
  AuditDoor(AuditPolicy policy, ledger::Ledgers& ledgers, ledger::SubjectKeys* subjects,
            AuditEnricher* enricher, base::Env& env);

  // The batches to store: the given one, or what became of it. Its audit records are in their ledgers when it
  // returns ok. InvalidArgument: a record that must answer more. Otherwise as Ledger::Append.
  // `tenant` is the upload's; empty: none.
  absl::StatusOr<std::vector<record::RecordBatch>> Admit(record::RecordBatch batch,
                                                         std::string_view tenant = {});

  AuditCounts counts() const;
  const AuditPolicy& policy() const { return policy_; }

 private:
  struct Row;
  // The class of each row; empty: no audit record. False when no row is one.
  bool Classify(const record::RecordBatch& batch, std::vector<const std::string*>& classes) const;
  absl::Status Prepare(Row& row, size_t number);
  absl::Status SealValues(Row& row, std::span<const JsonField> fields);
  absl::Status AppendAll(const std::vector<Row>& rows);

  const AuditPolicy policy_;
  ledger::Ledgers& ledgers_;
  ledger::SubjectKeys* const subjects_;
  AuditEnricher* const enricher_;
  base::Env& env_;
  std::vector<AuditRule> rules_;
  std::atomic<uint64_t> records_ = 0;
  std::atomic<uint64_t> incomplete_ = 0;
  std::atomic<uint64_t> rejected_ = 0;
  std::atomic<uint64_t> sealed_ = 0;
  std::atomic<uint64_t> failures_ = 0;
};

}  // namespace taffrail::ingest
