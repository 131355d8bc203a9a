#include "cmd/audit_ledger.h"

#include <fmt/format.h>

#include <utility>

#include "audit/checkpoint.h"
#include "cmd/server_client.h"
#include "ledger/files.h"
#include "ledger/ledgers.h"
#include "ledger/statements.h"

namespace taffrail::cmd {
namespace {

// A ledger behind a server's API.
class UrlSource final : public audit::Source {
 public:
  explicit UrlSource(std::string url) {
    const size_t path = url.find('/', url.find("://") + 3);
    prefix_ = path == std::string::npos ? "" : url.substr(path);
    while (prefix_.ends_with('/')) prefix_.pop_back();
    client_ = std::make_unique<ServerClient>(url.substr(0, path));
  }
  absl::StatusOr<std::string> Read(const std::string& path) override {
    return client_->Get(prefix_ + "/" + path, {});
  }

 private:
  std::string prefix_;
  std::unique_ptr<ServerClient> client_;
};

bool IsUrl(std::string_view path) { return path.starts_with("http://") || path.starts_with("https://"); }

}  // namespace

absl::StatusOr<std::vector<LedgerPlace>> FindLedgers(base::Env& env, const std::string& path) {
  std::vector<LedgerPlace> places;
  const auto add = [&](const std::string& dir) {
    places.push_back({dir, std::make_unique<ledger::DirectorySource>(env, dir)});
  };
  if (IsUrl(path)) {
    places.push_back({path, std::make_unique<UrlSource>(path)});
    return places;
  }
  // A ledger whose checkpoint was taken away is one all the same.
  for (const std::string_view sign : {ledger::kCheckpointFile, ledger::kPublicKeyFile}) {
    if (places.empty() && env.Exists(base::JoinPath(path, sign))) add(path);
  }
  if (places.empty() && env.Exists(base::JoinPath(path, "tile"))) add(path);
  if (!places.empty()) return places;
  TAFFRAIL_ASSIGN_OR_RETURN(const std::vector<ledger::LedgerName> names, ledger::ListLedgers(env, path));
  for (const ledger::LedgerName& name : names) add(ledger::LedgerDir(path, name.tenant, name.ledger_class));
  if (places.empty()) {
    return absl::NotFoundError(fmt::format(
        "no audit ledger at {}: give a ledger's directory, the one that `taffrail serve --data` uses, or "
        "http://HOST:4880/api/v1/audit/TENANT/CLASS",
        path));
  }
  return places;
}

absl::StatusOr<LedgerPlace> FindLedger(base::Env& env, const std::string& path) {
  TAFFRAIL_ASSIGN_OR_RETURN(std::vector<LedgerPlace> places, FindLedgers(env, path));
  if (places.size() == 1) return std::move(places.front());
  std::string dirs;
  for (const LedgerPlace& place : places) dirs += "\n  " + place.dir;
  return absl::InvalidArgumentError(
      fmt::format("{} has {} ledgers; give one of them:{}", path, places.size(), dirs));
}

absl::StatusOr<std::vector<audit::PublicKey>> ParseKeys(base::Env& env, const std::string& text) {
  if (env.Exists(text)) return ledger::ReadPublicKeys(env, text);
  TAFFRAIL_ASSIGN_OR_RETURN(audit::PublicKey key, audit::PublicKey::Parse(text));
  return std::vector{std::move(key)};
}

absl::StatusOr<TrustedKeys> KeysOf(base::Env& env, LedgerPlace& place, const std::string& key) {
  TrustedKeys keys;
  keys.from_ledger = key.empty();
  if (IsUrl(place.dir) && key.empty()) {
    return absl::InvalidArgumentError("give the ledger's verifier key with --key: a server could name any");
  }
  absl::StatusOr<std::vector<audit::PublicKey>> trusted =
      ParseKeys(env, key.empty() ? base::JoinPath(place.dir, ledger::kPublicKeyFile) : key);
  TAFFRAIL_RETURN_IF_ERROR(trusted.status());
  keys.origin = trusted->front().name();
  std::vector<std::string> notes;
  if (!IsUrl(place.dir)) {
    TAFFRAIL_ASSIGN_OR_RETURN(notes, ledger::ReadStatements(env, place.dir));
  }
  TAFFRAIL_ASSIGN_OR_RETURN(keys.chain, audit::FollowStatements(*std::move(trusted), keys.origin, notes));
  return keys;
}

audit::VerifyReport Verify(LedgerPlace& place, const TrustedKeys& keys) {
  audit::VerifyOptions options;
  options.keys = keys.chain.keys;
  options.origin = keys.origin;
  options.first_record = keys.chain.first_record;
  return audit::VerifyLog(*place.source, options);
}

absl::Status ForEachRecord(audit::Source& source, uint64_t first, uint64_t size, const TakeRecord& take) {
  for (uint64_t k = first / audit::kTileWidth; k * audit::kTileWidth < size; ++k) {
    TAFFRAIL_ASSIGN_OR_RETURN(const std::string bundle, audit::ReadEntries(source, k, size));
    const absl::StatusOr<std::vector<std::string_view>> entries = audit::DecodeEntries(bundle);
    if (!entries.ok()) {
      return absl::DataLossError(fmt::format("the bundle with record {}: {}", k * audit::kTileWidth,
                                             std::string(entries.status().message())));
    }
    for (uint64_t i = 0; i < entries->size() && k * audit::kTileWidth + i < size; ++i) {
      const uint64_t index = k * audit::kTileWidth + i;
      if (index >= first && !take(index, (*entries)[i])) return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

}  // namespace taffrail::cmd
