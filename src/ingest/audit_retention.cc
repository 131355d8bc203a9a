#include "ingest/audit_retention.h"

#include <fmt/format.h>

#include <cstdio>
#include <optional>
#include <utility>
#include <vector>

#include "audit/reader.h"
#include "audit/statement.h"
#include "audit/verify.h"
#include "base/time_text.h"
#include "ingest/audit_policy.h"
#include "ingest/json_fields.h"
#include "ledger/prune.h"
#include "ledger/statements.h"
#include "ledger/subject_keys.h"
#include "record/well_known.h"

namespace taffrail::ingest {

absl::StatusOr<uint64_t> FirstRecordSince(audit::Source& source, uint64_t first, uint64_t size,
                                          int64_t since_ns) {
  const auto known = record::PathsOf(record::Role::kTime);
  const std::vector<std::string> paths(known.begin(), known.end());
  for (uint64_t k = first / audit::kTileWidth; k * audit::kTileWidth < size; ++k) {
    TAFFRAIL_ASSIGN_OR_RETURN(const std::string bundle, audit::ReadEntries(source, k, size));
    TAFFRAIL_ASSIGN_OR_RETURN(const std::vector<std::string_view> entries, audit::DecodeEntries(bundle));
    for (uint64_t i = 0; i < entries.size(); ++i) {
      const std::vector<JsonField> fields = JsonFieldsOf(entries[i]);
      const std::optional<int64_t> time_ns = base::ParseTimestamp(FirstOf(fields, paths));
      if (!time_ns || *time_ns >= since_ns) return std::max(first, k * audit::kTileWidth + i);
    }
  }
  return size;
}

AuditRetention::AuditRetention(AuditAges ages, ledger::Ledgers& ledgers, base::Env& env)
    : ages_(std::move(ages)), ledgers_(ledgers), env_(env) {
  if (ages_.empty()) return;
  thread_ = std::thread([this] {
    do {
      Run().IgnoreError();  // told; the next hour tries again
    } while (!stop_.WaitForNotificationWithTimeout(absl::Seconds(kEverySeconds)));
  });
}

AuditRetention::~AuditRetention() {
  if (!thread_.joinable()) return;
  stop_.Notify();
  thread_.join();
}

absl::Status AuditRetention::Run() {
  absl::Status first;
  for (const auto& [name, ledger] : ledgers_.Open()) {
    auto age = ages_.find(name.ledger_class);
    if (age == ages_.end()) age = ages_.find("*");
    if (age == ages_.end()) continue;
    const absl::Status status = PruneOne(name, *ledger, age->second);
    if (status.ok()) continue;
    fmt::print(stderr, "taffrail: records of the audit ledger {}/{} are kept beyond their time: {}\n",
               name.tenant, name.ledger_class, std::string(status.message()));
    first.Update(status);
  }
  return first;
}

absl::Status AuditRetention::PruneOne(const ledger::LedgerName&, ledger::Ledger& ledger, int64_t age_ns) {
  const std::string holds = ledger::SubjectKeysPath(ledgers_.options().data_dir);
  if (env_.Exists(holds)) {
    TAFFRAIL_ASSIGN_OR_RETURN(const auto subjects, ledger::SubjectKeys::Open(env_, holds));
    TAFFRAIL_ASSIGN_OR_RETURN(const std::optional<std::string> hold, subjects->AnyHold());
    if (hold) return absl::OkStatus();
  }
  TAFFRAIL_ASSIGN_OR_RETURN(
      std::vector<audit::PublicKey> trusted,
      ledger::ReadPublicKeys(env_, base::JoinPath(ledger.dir(), ledger::kPublicKeyFile)));
  TAFFRAIL_ASSIGN_OR_RETURN(const std::vector<std::string> notes, ledger::ReadStatements(env_, ledger.dir()));
  TAFFRAIL_ASSIGN_OR_RETURN(const audit::KeyChain chain,
                            audit::FollowStatements(std::move(trusted), ledger.origin(), notes));
  const uint64_t size = ledger.State().signed_size;
  TAFFRAIL_ASSIGN_OR_RETURN(const uint64_t before, FirstRecordSince(ledger.source(), chain.first_record, size,
                                                                    env_.NowNs() - age_ns));
  if (before / audit::kTileWidth <= chain.first_record / audit::kTileWidth) return absl::OkStatus();
  // What is pruned could not be shown to have been whole afterwards, so it is shown now.
  audit::VerifyOptions options;
  options.keys = chain.keys;
  options.origin = ledger.origin();
  options.first_record = chain.first_record;
  const audit::VerifyReport report = audit::VerifyLog(ledger.source(), options);
  if (!report.findings.empty())
    return absl::DataLossError("it does not verify: " + report.findings.front().text);
  constexpr int64_t kDayNs = int64_t{86'400} * 1'000'000'000;
  return ledger.Prune(before, chain.first_record, fmt::format("retention of {} days", age_ns / kDayNs));
}

}  // namespace taffrail::ingest
