#include "server/audit_state.h"

#include <utility>

#include "ingest/risk.h"
#include "ledger/key_file.h"
#include "server/witness_client.h"

namespace taffrail::server {

absl::StatusOr<std::unique_ptr<AuditState>> AuditState::Open(const AuditOptions& options,
                                                             const std::string& data_dir, base::Env& env) {
  auto state = std::make_unique<AuditState>();
  ledger::LedgersOptions ledgers;
  ledgers.data_dir = data_dir;
  ledgers.env = &env;
  ledgers.name = options.name;
  ledgers.key_dir = options.key_dir;
  ledgers.command = options.signer;
  ledgers.checkpoint_interval_ms = options.checkpoint_interval_ms;
  ledgers.checkpoint_records = options.checkpoint_records;
  if (!options.witnesses.empty()) ledgers.cosigner = MakeWitnessClient(options.witnesses);
  state->ledgers_ = std::make_unique<ledger::Ledgers>(std::move(ledgers));
  state->problem_ = state->ledgers_->OpenAll();
  if (options.policy.on_failure == ingest::FailurePolicy::kFail) {
    TAFFRAIL_RETURN_IF_ERROR(state->problem_);
  }
  if (!options.policy.personal.empty()) {
    TAFFRAIL_ASSIGN_OR_RETURN(state->subjects_,
                              ledger::SubjectKeys::Open(env, ledger::SubjectKeysPath(data_dir)));
  }
  if (options.risk) {
    std::unique_ptr<ingest::GeoIp> geo;
    if (!options.geoip_city.empty() || !options.geoip_asn.empty()) {
      TAFFRAIL_ASSIGN_OR_RETURN(geo, ingest::GeoIp::Open(options.geoip_city, options.geoip_asn));
    }
    state->enricher_ = std::make_unique<ingest::RiskEnricher>(ingest::RiskPolicy{}, std::move(geo));
  }
  state->door_ = std::make_unique<ingest::AuditDoor>(options.policy, *state->ledgers_, state->subjects_.get(),
                                                     state->enricher_.get(), env);
  TAFFRAIL_RETURN_IF_ERROR(state->OpenWitness(options, data_dir, env));
  state->retention_ = std::make_unique<ingest::AuditRetention>(options.retention, *state->ledgers_, env);
  return state;
}

absl::Status AuditState::OpenWitness(const AuditOptions& options, const std::string& data_dir,
                                     base::Env& env) {
  if (options.witness_logs.empty()) return absl::OkStatus();
  const std::string key_dir = base::JoinPath(data_dir, "audit-keys");
  const std::string path =
      options.witness_key.empty() ? base::JoinPath(key_dir, "witness.key") : options.witness_key;
  ledger::WitnessOptions witness;
  witness.dir = base::JoinPath(data_dir, "audit-witness");
  witness.env = &env;
  witness.logs = options.witness_logs;
  if (env.Exists(path)) {
    TAFFRAIL_ASSIGN_OR_RETURN(witness.signer, ledger::ReadKeyFile(env, path));
  } else {
    const std::string name = options.witness_name.empty() ? options.name + "/witness" : options.witness_name;
    TAFFRAIL_RETURN_IF_ERROR(env.CreateDirs(base::Dirname(path)));
    TAFFRAIL_ASSIGN_OR_RETURN(witness.signer,
                              ledger::NewKeyFile(env, path, name, audit::KeyType::kCosignature));
  }
  if (witness.signer->public_key().type() != audit::KeyType::kCosignature) {
    return absl::InvalidArgumentError(path + ": a witness needs a key made with `audit key new --witness`");
  }
  witness_ = std::make_unique<ledger::Witness>(std::move(witness));
  return absl::OkStatus();
}

}  // namespace taffrail::server
