// `taffrail audit key new|show|rotate`.
#include <fmt/format.h>

#include <memory>
#include <string>

#include "cmd/audit_commands.h"
#include "cmd/audit_ledger.h"
#include "cmd/command.h"
#include "cmd/printable.h"
#include "ledger/key_file.h"
#include "ledger/statements.h"

namespace taffrail::cmd {
namespace {

struct KeyArguments {
  std::string name;
  std::string file;
  bool witness = false;
  std::string ledger;
  std::string new_file;
  std::string reason = "rotation";
};

absl::StatusOr<ExitCode> New(const KeyArguments& arguments, Program& program) {
  const audit::KeyType type = arguments.witness ? audit::KeyType::kCosignature : audit::KeyType::kEd25519;
  TAFFRAIL_ASSIGN_OR_RETURN(const auto key,
                            ledger::NewKeyFile(program.env, arguments.file, arguments.name, type));
  fmt::print("{}\n", key->public_key().ToString());
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> Show(const KeyArguments& arguments, Program& program) {
  TAFFRAIL_ASSIGN_OR_RETURN(const auto key, ledger::ReadKeyFile(program.env, arguments.file));
  fmt::print("{}\n", key->public_key().ToString());
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> Rotate(const KeyArguments& arguments, Program& program) {
  TAFFRAIL_ASSIGN_OR_RETURN(LedgerPlace place, FindLedger(program.env, arguments.ledger));
  TAFFRAIL_ASSIGN_OR_RETURN(const auto old_key, ledger::ReadKeyFile(program.env, arguments.file));
  const std::string origin = old_key->public_key().name();
  TAFFRAIL_ASSIGN_OR_RETURN(const TrustedKeys keys, KeysOf(program.env, place, ""));
  if (keys.origin != origin || keys.chain.keys.back() != old_key->public_key()) {
    return absl::InvalidArgumentError(
        fmt::format("{} is not the key that signs {} now", arguments.file, place.dir));
  }
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string note, place.source->Read("checkpoint"));
  TAFFRAIL_ASSIGN_OR_RETURN(const audit::SignedCheckpoint checkpoint,
                            audit::OpenCheckpoint(note, keys.chain.keys, origin));
  TAFFRAIL_ASSIGN_OR_RETURN(const auto new_key, ledger::NewKeyFile(program.env, arguments.new_file, origin,
                                                                   audit::KeyType::kEd25519));
  audit::Statement statement;
  statement.kind = audit::Statement::Kind::kRotate;
  statement.origin = origin;
  statement.size = checkpoint.checkpoint.size;
  statement.new_key = new_key->public_key().ToString();
  statement.time_s = static_cast<uint64_t>(program.env.NowNs() / 1'000'000'000);
  statement.reason = arguments.reason;
  TAFFRAIL_RETURN_IF_ERROR(
      ledger::AddStatement(program.env, place.dir, statement, {old_key.get(), new_key.get()}));
  fmt::print("{}\n", statement.new_key);
  if (!program.quiet) {
    fmt::print(stderr, "put {} where the server reads the key of this ledger, and start it again\n",
               Printable(arguments.new_file));
  }
  return ExitCode::kDone;
}

}  // namespace

void AddAuditKey(Command app, Program& program) {
  const Command key = AddCommand(app, program,
                                 {"Commands", "key", "Make, show and rotate signing keys",
                                  "  taffrail audit key new logs.example.com/default/audit --out audit.key\n"
                                  "  taffrail audit key rotate ./logs --key audit.key --new next.key"},
                                 nullptr);
  key.RequireSubcommand();
  auto arguments = std::make_shared<KeyArguments>();
  Command command =
      AddCommand(key, program,
                 {"Commands", "new", "A new key in a file of mode 0600; prints the verifier key",
                  "  taffrail audit key new logs.example.com/default/audit --out audit.key"},
                 [arguments, &program] { return New(*arguments, program); });
  command.Add("NAME", arguments->name, "The log's origin, or the witness's name").Required();
  command.Add("--out", arguments->file, "The new file").Required().Type("FILE");
  command.AddFlag("--witness", arguments->witness, "A key for cosignatures");

  auto show = std::make_shared<KeyArguments>();
  command = AddCommand(
      key, program,
      {"Commands", "show", "The verifier key of a signing key", "  taffrail audit key show audit.key"},
      [show, &program] { return Show(*show, program); });
  command.Add("FILE", show->file, "The signing key").Required();

  auto rotate = std::make_shared<KeyArguments>();
  command = AddCommand(key, program,
                       {"Commands", "rotate", "A new key for a ledger, signed by the old one",
                        "  taffrail audit key rotate ./logs --key audit.key --new next.key --reason yearly"},
                       [rotate, &program] { return Rotate(*rotate, program); });
  command.Add("LEDGER", rotate->ledger, "The ledger's directory").Required();
  command.Add("--key", rotate->file, "The key that signs now").Required().Type("FILE");
  command.Add("--new", rotate->new_file, "The new file").Required().Type("FILE");
  command.Add("--reason", rotate->reason, "Goes into the statement, on one line").Type("TEXT");
}

}  // namespace taffrail::cmd
