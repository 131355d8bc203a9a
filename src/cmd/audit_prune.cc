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
#include "ingest/audit_policy.h"
#include "ingest/json_fields.h"
#include "ledger/key_file.h"
#include "ledger/statements.h"
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

// The first record that is not older than the time: a ledger is in the order in which records came, so what
// came late is kept longer, never shorter.
absl::StatusOr<uint64_t> FirstSince(LedgerPlace& place, uint64_t first, uint64_t size,
                                    const std::string& time, int64_t now_ns) {
  TAFFRAIL_ASSIGN_OR_RETURN(const int64_t since_ns, base::ParseTimeArg(time, now_ns));
  std::vector<std::string> paths;
  for (const ingest::RequiredField& field : ingest::AuditPolicy::DefaultRequired()) {
    if (field.question == "when") paths = field.paths;
  }
  uint64_t found = size;
  TAFFRAIL_RETURN_IF_ERROR(
      ForEachRecord(*place.source, first, size, [&](uint64_t index, std::string_view line) {
        const std::vector<ingest::JsonField> fields = ingest::JsonFieldsOf(line);
        const std::optional<int64_t> time_ns = base::ParseTimestamp(ingest::FirstOf(fields, paths));
        if (time_ns && *time_ns < since_ns) return true;  // one without a time is kept, and all after it
        found = index;
        return false;
      }));
  return found;
}

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
    TAFFRAIL_ASSIGN_OR_RETURN(
        before, FirstSince(place, keys.chain.first_record, size, arguments.older_than, env.NowNs()));
  }
  audit::Statement statement;
  statement.kind = audit::Statement::Kind::kPrune;
  statement.origin = keys.origin;
  statement.size = size;
  // Whole bundles only, and never the one that the tree still grows in.
  statement.first_record = std::min(before, statement.size) / audit::kTileWidth * audit::kTileWidth;
  statement.time_s = static_cast<uint64_t>(env.NowNs() / 1'000'000'000);
  statement.reason = arguments.reason;
  if (statement.first_record > keys.chain.first_record) {
    TAFFRAIL_RETURN_IF_ERROR(ledger::AddStatement(env, place.dir, statement, {key.get()}));
    for (uint64_t k = keys.chain.first_record / audit::kTileWidth;
         k < statement.first_record / audit::kTileWidth; ++k) {
      for (const int level : {0, audit::kEntriesLevel}) {
        const std::string path = base::JoinPath(place.dir, audit::TilePath({level, k}));
        if (env.Exists(path)) TAFFRAIL_RETURN_IF_ERROR(env.Remove(path));
      }
    }
  }
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
