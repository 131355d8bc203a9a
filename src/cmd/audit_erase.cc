// `taffrail audit erase|hold`: a person's data go, or must stay while a case is open.
#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "audit/hash.h"
#include "base/time_text.h"
#include "cmd/audit_commands.h"
#include "cmd/audit_ledger.h"
#include "cmd/command.h"
#include "cmd/printable.h"
#include "cmd/server_client.h"
#include "ledger/ledgers.h"
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

absl::StatusOr<std::unique_ptr<ledger::SubjectKeys>> OpenSubjects(Program& program,
                                                                  const std::string& data_dir) {
  const std::string path = ledger::SubjectKeysPath(data_dir);
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
               Printable(ledger::SubjectKeysPath(arguments.data_dir)));
  }
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> Hold(const EraseArguments& arguments, Program& program) {
  TAFFRAIL_ASSIGN_OR_RETURN(
      const auto subjects,
      ledger::SubjectKeys::Open(program.env, ledger::SubjectKeysPath(arguments.data_dir)));
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

}  // namespace

void AddAuditErase(Command app, Program& program) {
  auto erase = std::make_shared<EraseArguments>();
  Command command = AddCommand(
      app, program,
      {"Commands", "erase", "Destroy a person's key: what was sealed with it can never be read again",
       "  taffrail audit erase ./logs anna --reason 'request of 2026-01-07' --by dpo --url "
       "http://127.0.0.1:4880"},
      [erase, &program] { return Erase(*erase, program); });
  command.Add("DATA", erase->data_dir, "The store's directory").Required();
  command.Add("SUBJECT", erase->subject, "As the records' subject field has it").Required();
  command.Add("--reason", erase->reason, "Goes into the ledger").Required().Type("TEXT");
  command.Add("--by", erase->by, "Who does it; goes into the ledger").Required().Type("NAME");
  command.Add("--url", erase->url, "The running server (without: it must be stopped)").Type("URL");

  auto hold = std::make_shared<EraseArguments>();
  command = AddCommand(app, program,
                       {"Commands", "hold", "Forbid erasure and pruning while a case is open",
                        "  taffrail audit hold ./logs anna --reason 'case 7'\n"
                        "  taffrail audit hold ./logs anna --release"},
                       [hold, &program] { return Hold(*hold, program); });
  command.Add("DATA", hold->data_dir, "The store's directory").Required();
  command.Add("SUBJECT", hold->subject, "Whom; without it everyone");
  command.Add("--reason", hold->reason, "Why").Type("TEXT");
  command.AddFlag("--release", hold->release, "End the hold");
}

}  // namespace taffrail::cmd
