#include "ledger/ledgers.h"

#include <fmt/format.h>

#include "audit/hash.h"
#include "ledger/key_file.h"
#include "ledger/statements.h"

namespace taffrail::ledger {
namespace {

// A directory's name, percent-encoded threefold at worst, has 255 bytes.
constexpr size_t kMaxNameBytes = 80;

// Undoes EncodeName; nothing when it is not one of its names.
std::string DecodeName(std::string_view encoded) {
  std::string name;
  for (size_t i = 0; i < encoded.size(); ++i) {
    if (encoded[i] != '%') {
      name += encoded[i];
      continue;
    }
    std::string hex(encoded.substr(i + 1, 2));
    for (char& c : hex) c = static_cast<char>(c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);
    const auto byte = audit::FromHex(hex);
    if (!byte || byte->size() != 1) return {};
    name += *byte;
    i += 2;
  }
  return EncodeName(name) == encoded ? name : std::string();
}

}  // namespace

absl::StatusOr<std::vector<LedgerName>> ListLedgers(base::Env& env, const std::string& data_dir) {
  std::vector<LedgerName> found;
  const std::string root = base::JoinPath(data_dir, "audit");
  const absl::StatusOr<std::vector<std::string>> tenants = env.List(root);
  if (absl::IsNotFound(tenants.status())) return found;
  TAFFRAIL_RETURN_IF_ERROR(tenants.status());
  for (const std::string& tenant : *tenants) {
    const absl::StatusOr<std::vector<std::string>> classes = env.List(base::JoinPath(root, tenant));
    if (!classes.ok()) continue;  // a file
    for (const std::string& ledger_class : *classes) {
      LedgerName name{DecodeName(tenant), DecodeName(ledger_class)};
      if (!name.tenant.empty() && !name.ledger_class.empty()) found.push_back(std::move(name));
    }
  }
  return found;
}

Ledgers::Ledgers(LedgersOptions options)
    : options_(std::move(options)), env_(options_.env != nullptr ? *options_.env : base::Env::Posix()) {}

std::string Ledgers::OriginOf(const LedgerName& name) const {
  return fmt::format("{}/{}/{}", options_.name, EncodeName(name.tenant), EncodeName(name.ledger_class));
}

std::string Ledgers::KeyPathOf(const LedgerName& name) const {
  const std::string dir =
      options_.key_dir.empty() ? base::JoinPath(options_.data_dir, "audit-keys") : options_.key_dir;
  return base::JoinPath(base::JoinPath(dir, EncodeName(name.tenant)), EncodeName(name.ledger_class) + ".key");
}

absl::StatusOr<std::unique_ptr<Ledger>> Ledgers::OpenOne(const LedgerName& name) const {
  LedgerOptions options;
  options.dir = LedgerDir(options_.data_dir, name.tenant, name.ledger_class);
  options.env = &env_;
  options.cosigner = options_.cosigner;
  options.checkpoint_interval_ms = options_.checkpoint_interval_ms;
  options.checkpoint_records = options_.checkpoint_records;
  const std::string origin = OriginOf(name);
  const std::string key_path = KeyPathOf(name);
  if (!options_.command.empty()) {
    TAFFRAIL_ASSIGN_OR_RETURN(options.signer, OpenCommandSigner(options_.command, origin));
  } else if (env_.Exists(key_path)) {
    TAFFRAIL_ASSIGN_OR_RETURN(options.signer, ReadKeyFile(env_, key_path));
  } else if (env_.Exists(base::JoinPath(options.dir, kCheckpointFile))) {
    return absl::NotFoundError(
        fmt::format("{}: the signing key of the ledger {} is not there; put it back, or "
                    "hand over to a new one with `taffrail audit key rotate`",
                    key_path, origin));
  } else {
    TAFFRAIL_RETURN_IF_ERROR(env_.CreateDirs(base::Dirname(key_path)));
    TAFFRAIL_ASSIGN_OR_RETURN(options.signer, NewKeyFile(env_, key_path, origin, audit::KeyType::kEd25519));
  }
  const absl::StatusOr<std::vector<audit::PublicKey>> first =
      ReadPublicKeys(env_, base::JoinPath(options.dir, kPublicKeyFile));
  if (first.ok()) {
    TAFFRAIL_ASSIGN_OR_RETURN(const std::vector<std::string> notes, ReadStatements(env_, options.dir));
    TAFFRAIL_ASSIGN_OR_RETURN(const audit::KeyChain chain, audit::FollowStatements(*first, origin, notes));
    options.old_keys = chain.keys;
  }
  return Ledger::Open(std::move(options));
}

absl::StatusOr<Ledger*> Ledgers::Get(const LedgerName& name) {
  if (name.tenant.empty() || name.ledger_class.empty() || name.tenant.size() > kMaxNameBytes ||
      name.ledger_class.size() > kMaxNameBytes) {
    return absl::InvalidArgumentError(
        fmt::format("the name of a tenant or class of audit records has 1 to {} bytes", kMaxNameBytes));
  }
  absl::MutexLock lock(&mutex_);
  const auto found = ledgers_.find(name);
  if (found != ledgers_.end()) return found->second.get();
  if (ledgers_.size() >= options_.max_ledgers) {
    return absl::ResourceExhaustedError(fmt::format(
        "{} audit ledgers are open, and tenant {} would need another", ledgers_.size(), name.tenant));
  }
  TAFFRAIL_ASSIGN_OR_RETURN(std::unique_ptr<Ledger> ledger, OpenOne(name));
  return (ledgers_[name] = std::move(ledger)).get();
}

absl::Status Ledgers::OpenAll() {
  TAFFRAIL_ASSIGN_OR_RETURN(const std::vector<LedgerName> names, ListLedgers(env_, options_.data_dir));
  absl::Status first;
  for (const LedgerName& name : names) first.Update(Get(name).status());
  return first;
}

std::vector<std::pair<LedgerName, Ledger*>> Ledgers::Open() const {
  absl::MutexLock lock(&mutex_);
  std::vector<std::pair<LedgerName, Ledger*>> open;
  for (const auto& [name, ledger] : ledgers_) open.emplace_back(name, ledger.get());
  return open;
}

Ledger* Ledgers::Find(const LedgerName& name) const {
  absl::MutexLock lock(&mutex_);
  const auto found = ledgers_.find(name);
  return found == ledgers_.end() ? nullptr : found->second.get();
}

}  // namespace taffrail::ledger
