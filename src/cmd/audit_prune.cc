// `taffrail audit prune`: old records go, with a signed statement; the rest verifies as before.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time_text.h"
#include "cmd/audit_commands.h"
#include "cmd/audit_ledger.h"
#include "cmd/command.h"
#include "ingest/audit_retention.h"
#include "ledger/key_file.h"
#include "ledger/prune.h"
#include "ledger/subject_keys.h"

namespace taffrail::cmd {
namespace {

struct PruneArguments {
  std::string ledger;
  std::string key;
  std::optional<uint64_t> before;
  std::string older_than;
  std::string reason;
};

// DATA of DATA/audit/TENANT/CLASS.
std::string DataDirOf(const std::string& ledger_dir) {
  return base::Dirname(base::Dirname(base::Dirname(ledger_dir)));
}

absl::StatusOr<ExitCode> Prune(const PruneArguments& arguments, Program& program) {
  if (arguments.before.has_value() != arguments.older_than.empty()) {
    return absl::InvalidArgumentError("say what goes: --before N or --older-than TIME");
  }
  base::Env& env = program.env;
  TAFFRAIL_ASSIGN_OR_RETURN(LedgerPlace place, FindLedger(env, arguments.ledger));
  const std::string subjects_path = ledger::SubjectKeysPath(DataDirOf(place.dir));
  if (env.Exists(subjects_path)) {
    TAFFRAIL_ASSIGN_OR_RETURN(const auto subjects, ledger::SubjectKeys::Open(env, subjects_path));
    TAFFRAIL_ASSIGN_OR_RETURN(const std::optional<std::string> hold, subjects->AnyHold());
    if (hold) return absl::FailedPreconditionError(fmt::format("a legal hold forbids it: {}", *hold));
  }
  TAFFRAIL_ASSIGN_OR_RETURN(const auto key, ledger::ReadKeyFile(env, arguments.key));
  TAFFRAIL_ASSIGN_OR_RETURN(const TrustedKeys keys, KeysOf(env, place, ""));
  const audit::VerifyReport report = Verify(place, keys);
  if (!report.findings.empty()) {
    return absl::DataLossError(
        fmt::format("the ledger does not verify ({}); what is pruned could not be shown "
                    "to have been whole",
                    report.findings.front().text));
  }
  const uint64_t size = report.checkpoint.checkpoint.size;
  uint64_t before = arguments.before.value_or(0);
  if (!arguments.older_than.empty()) {
    TAFFRAIL_ASSIGN_OR_RETURN(const int64_t since_ns, base::ParseTimeArg(arguments.older_than, env.NowNs()));
    TAFFRAIL_ASSIGN_OR_RETURN(
        before, ingest::FirstRecordSince(*place.source, keys.chain.first_record, size, since_ns));
  }
  const audit::Statement statement =
      ledger::PruneStatement(keys.origin, size, before, env.NowNs(), arguments.reason);
  TAFFRAIL_RETURN_IF_ERROR(ledger::Prune(env, place.dir, statement, keys.chain.first_record, *key));
  fmt::print("records before {} are gone, those from there on verify as before\n",
             std::max(statement.first_record, keys.chain.first_record));
  return ExitCode::kDone;
}

}  // namespace

void AddAuditPrune(Command app, Program& program) {
  auto prune = std::make_shared<PruneArguments>();
  const Command command = AddCommand(
      app, program,
      {"Commands", "prune", "Remove old records, with a signed statement; the rest verifies as before",
       "  taffrail audit prune ./logs/audit/default/audit --before 1000000 --key audit.key --reason '7 "
       "years'"},
      [prune, &program] { return Prune(*prune, program); });
  command.Add("LEDGER", prune->ledger, "The ledger's directory").Required();
  command.Add("--before", prune->before, "The first record to keep; whole bundles of 256 go").Type("N");
  command.Add("--older-than", prune->older_than, "Records from before this time: RFC 3339, a date, or -2555d")
      .Type("TIME");
  command.Add("--key", prune->key, "The signing key").Required().Type("FILE");
  command.Add("--reason", prune->reason, "Goes into the statement, on one line").Required().Type("TEXT");
}

}  // namespace taffrail::cmd
