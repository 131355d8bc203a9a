// What the server keeps for audit: the ledgers, the keys of subjects, the door, and the witness it may be.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "audit/key.h"
#include "base/env.h"
#include "base/status.h"
#include "ingest/audit_door.h"
#include "ingest/audit_retention.h"
#include "ledger/ledgers.h"
#include "ledger/subject_keys.h"
#include "ledger/witness.h"

namespace taffrail::server {

struct WitnessAddress {
  std::string url;  // what "/add-checkpoint" is added to
  audit::PublicKey key;
};

struct AuditOptions {
  ingest::AuditPolicy policy;
  std::string name = "taffrail";
  std::string key_dir;
  std::vector<std::string> signer;  // a command; empty: key files
  int64_t checkpoint_interval_ms = 1000;
  uint64_t checkpoint_records = 10'000;
  std::vector<WitnessAddress> witnesses;  // that are asked to cosign
  bool risk = false;                      // geo, risk_score and risk_factors in each audit record
  std::string geoip_city;                 // databases in MaxMind's format
  std::string geoip_asn;
  ingest::AuditAges retention;  // by class, "*" for the others; none: everything is kept
  // As a witness: the logs it cosigns, and its own key. No logs: it is none.
  std::vector<audit::PublicKey> witness_logs;
  std::string witness_key;   // file; empty: DATA/audit-keys/witness.key
  std::string witness_name;  // empty: NAME/witness
};

class AuditState {
 public:
  // Opens every ledger there is. An error says which does not open, and where it is wrong; with the policy
  // kKeep the server starts all the same, and audit_problem() says it.
  static absl::StatusOr<std::unique_ptr<AuditState>> Open(const AuditOptions& options,
                                                          const std::string& data_dir, base::Env& env);

  ledger::Ledgers& ledgers() { return *ledgers_; }
  ingest::AuditDoor& door() { return *door_; }
  ledger::Witness* witness() { return witness_.get(); }
  const absl::Status& problem() const { return problem_; }

 private:
  absl::Status OpenWitness(const AuditOptions& options, const std::string& data_dir, base::Env& env);

  std::unique_ptr<ledger::SubjectKeys> subjects_;
  std::unique_ptr<ledger::Ledgers> ledgers_;
  std::unique_ptr<ingest::AuditEnricher> enricher_;
  std::unique_ptr<ingest::AuditDoor> door_;
  std::unique_ptr<ledger::Witness> witness_;
  std::unique_ptr<ingest::AuditRetention> retention_;
  absl::Status problem_;
};

}  // namespace taffrail::server
