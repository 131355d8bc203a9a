// `taffrail audit erase|hold|prune`: what may go from a ledger, and what must stay.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "audit/hash.h"
#include "base/time_text.h"
#include "cmd/audit_commands.h"
#include "cmd/audit_ledger.h"
#include "cmd/command.h"
#include "cmd/printable.h"
#include "cmd/server_client.h"
#include "ledger/files.h"
#include "ledger/key_file.h"
#include "ledger/ledgers.h"
#include "ledger/statements.h"
#include "ledger/subject_keys.h"
#include "net/problem.h"

namespace taffrail::cmd {
namespace {

struct EraseArguments {
  std::string data_dir;
  std::string subject;
  std::string reason;
  std::string by;
  std::string url;
  bool release = false;
};

struct PruneArguments {
  std::string ledger;
  std::string key;
  uint64_t before = 0;
  std::string reason;
};

std::string SubjectsPath(const std::string& data_dir) {
  return base::JoinPath(data_dir, "audit-subjects.db");
}

absl::StatusOr<std::unique_ptr<ledger::SubjectKeys>> OpenSubjects(Program& program,
                                                                  const std::string& data_dir) {
  const std::string path = SubjectsPath(data_dir);
  if (!program.env.Exists(path)) {
    return absl::NotFoundError(
        fmt::format("{}: not there; the server seals personal values once audit.personal names them", path));
  }
  return ledger::SubjectKeys::Open(program.env, path);
}

// What the ledger says of an erasure: when, why and by whom, and the ids of the keys that are gone. Not whose
// they were.
std::string ErasureRecord(const EraseArguments& arguments, const std::vector<std::string>& key_ids,
                          int64_t now_ns) {
  std::string ids;
  for (const std::string& id : key_ids) ids += (ids.empty() ? "\"" : ",\"") + audit::Base64(id) + "\"";
  return fmt::format(
      R"({{"timestamp":"{}","level":"INFO","message":"Personal data erased",)"
      R"("security_level":"audit","event":"subject_erased","user_id":{},"resource":"subject keys",)"
      R"("key_ids":[{}],"reason":{},"host":{},"outcome":"success"}})",
      base::FormatRfc3339(now_ns, 3), net::JsonQuote(arguments.by), ids, net::JsonQuote(arguments.reason),
      net::JsonQuote("taffrail audit erase"));
}

// Where the record goes: to a running server, or into the ledger of a store whose server is stopped. Opened
// before anything is destroyed, so that nothing goes without a word of it.
class ErasureLog {
 public:
  static absl::StatusOr<ErasureLog> Open(const EraseArguments& arguments, Program& program) {
    ErasureLog log;
    if (!arguments.url.empty()) {
      TAFFRAIL_ASSIGN_OR_RETURN(const std::string url, ServerUrl(arguments.url));
      log.client_ = std::make_unique<ServerClient>(url);
      TAFFRAIL_RETURN_IF_ERROR(log.client_->Get("/readyz", {}).status());
      return log;
    }
    ledger::LedgersOptions options;
    options.data_dir = arguments.data_dir;
    options.env = &program.env;
    log.ledgers_ = std::make_unique<ledger::Ledgers>(std::move(options));
    absl::StatusOr<ledger::Ledger*> ledger = log.ledgers_->Get({"default", "audit"});
    if (absl::IsFailedPrecondition(ledger.status())) {
      return absl::FailedPreconditionError(
          fmt::format("{}; give the running server with --url", std::string(ledger.status().message())));
    }
    TAFFRAIL_RETURN_IF_ERROR(ledger.status());
    log.ledger_ = *ledger;
    return log;
  }

  absl::Status Write(std::string record) {
    if (ledger_ != nullptr) {
      const std::string_view line = record;
      TAFFRAIL_RETURN_IF_ERROR(ledger_->Append(std::span(&line, 1)).status());
      return ledger_->Publish();
    }
    TAFFRAIL_ASSIGN_OR_RETURN(
        const net::HttpClientResponse answer,
        client_->Post("/api/v1/ingest", {}, {{"Content-Type", "application/x-ndjson"}}, record));
    return answer.status < 300 ? absl::OkStatus() : ErrorOf(client_->url(), answer);
  }

 private:
  std::unique_ptr<ServerClient> client_;
  std::unique_ptr<ledger::Ledgers> ledgers_;
  ledger::Ledger* ledger_ = nullptr;
};

absl::StatusOr<ExitCode> Erase(const EraseArguments& arguments, Program& program) {
  TAFFRAIL_ASSIGN_OR_RETURN(const auto subjects, OpenSubjects(program, arguments.data_dir));
  TAFFRAIL_ASSIGN_OR_RETURN(ErasureLog log, ErasureLog::Open(arguments, program));
  TAFFRAIL_ASSIGN_OR_RETURN(const std::vector<std::string> ids,
                            subjects->Erase(arguments.subject, arguments.reason));
  TAFFRAIL_RETURN_IF_ERROR(log.Write(ErasureRecord(arguments, ids, program.env.NowNs())));
  fmt::print("erased: {} {} destroyed, and the ledger says so\n", ids.size(),
             ids.size() == 1 ? "key" : "keys");
  if (!program.quiet) {
    fmt::print(stderr, "backups of {} still hold the key: destroy them too\n",
               Printable(SubjectsPath(arguments.data_dir)));
  }
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> Hold(const EraseArguments& arguments, Program& program) {
  TAFFRAIL_ASSIGN_OR_RETURN(const auto subjects,
                            ledger::SubjectKeys::Open(program.env, SubjectsPath(arguments.data_dir)));
  if (arguments.release) {
    TAFFRAIL_RETURN_IF_ERROR(subjects->Release(arguments.subject));
  } else {
    if (arguments.reason.empty()) return absl::InvalidArgumentError("say why, with --reason");
    TAFFRAIL_RETURN_IF_ERROR(subjects->Hold(arguments.subject, arguments.reason));
  }
  fmt::print("{} {}\n", arguments.release ? "released:" : "held:",
             arguments.subject.empty() ? "everyone" : Printable(arguments.subject));
  return ExitCode::kDone;
}

// DATA of DATA/audit/TENANT/CLASS.
std::string DataDirOf(const std::string& ledger_dir) {
  return base::Dirname(base::Dirname(base::Dirname(ledger_dir)));
}

absl::StatusOr<ExitCode> Prune(const PruneArguments& arguments, Program& program) {
  base::Env& env = program.env;
  TAFFRAIL_ASSIGN_OR_RETURN(LedgerPlace place, FindLedger(env, arguments.ledger));
  const std::string subjects_path = SubjectsPath(DataDirOf(place.dir));
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
  audit::Statement statement;
  statement.kind = audit::Statement::Kind::kPrune;
  statement.origin = keys.origin;
  statement.size = report.checkpoint.checkpoint.size;
  // Whole bundles only, and never the one that the tree still grows in.
  statement.first_record = std::min(arguments.before, statement.size) / audit::kTileWidth * audit::kTileWidth;
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

void AddAuditErase(CLI::App& app, Program& program) {
  auto erase = std::make_shared<EraseArguments>();
  CLI::App* command = AddCommand(
      app, program,
      {"Commands", "erase", "Destroy a person's key: what was sealed with it can never be read again",
       "  taffrail audit erase ./logs anna --reason 'request of 2026-01-07' --by dpo --url "
       "http://127.0.0.1:4880"},
      [erase, &program] { return Erase(*erase, program); });
  command->add_option("DATA", erase->data_dir, "The store's directory")->required();
  command->add_option("SUBJECT", erase->subject, "As the records' subject field has it")->required();
  command->add_option("--reason", erase->reason, "Goes into the ledger")->required()->type_name("TEXT");
  command->add_option("--by", erase->by, "Who does it; goes into the ledger")->required()->type_name("NAME");
  command->add_option("--url", erase->url, "The running server (without: it must be stopped)")
      ->type_name("URL");

  auto hold = std::make_shared<EraseArguments>();
  command = AddCommand(app, program,
                       {"Commands", "hold", "Forbid erasure and pruning while a case is open",
                        "  taffrail audit hold ./logs anna --reason 'case 7'\n"
                        "  taffrail audit hold ./logs anna --release"},
                       [hold, &program] { return Hold(*hold, program); });
  command->add_option("DATA", hold->data_dir, "The store's directory")->required();
  command->add_option("SUBJECT", hold->subject, "Whom; without it everyone");
  command->add_option("--reason", hold->reason, "Why")->type_name("TEXT");
  command->add_flag("--release", hold->release, "End the hold");
}

void AddAuditPrune(CLI::App& app, Program& program) {
  auto prune = std::make_shared<PruneArguments>();
  CLI::App* command = AddCommand(
      app, program,
      {"Commands", "prune", "Remove old records, with a signed statement; the rest verifies as before",
       "  taffrail audit prune ./logs/audit/default/audit --before 1000000 --key audit.key --reason '7 "
       "years'"},
      [prune, &program] { return Prune(*prune, program); });
  command->add_option("LEDGER", prune->ledger, "The ledger's directory")->required();
  command->add_option("--before", prune->before, "The first record to keep; whole bundles of 256 go")
      ->required()
      ->type_name("N");
  command->add_option("--key", prune->key, "The signing key")->required()->type_name("FILE");
  command->add_option("--reason", prune->reason, "Goes into the statement, on one line")
      ->required()
      ->type_name("TEXT");
}

}  // namespace taffrail::cmd
