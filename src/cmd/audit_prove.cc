// `taffrail audit prove|check`: one record, and the proof that it is in the ledger.
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>

#include "audit/checkpoint.h"
#include "cmd/audit_commands.h"
#include "cmd/audit_ledger.h"
#include "cmd/command.h"
#include "cmd/output.h"
#include "cmd/printable.h"

namespace taffrail::cmd {
namespace {

struct ProveArguments {
  std::string path;
  std::string key;
  std::optional<uint64_t> index;
  std::string match;
  std::string out;
  std::string record_out;
};

struct CheckArguments {
  std::string proof;
  std::string record;
  std::string key;
};

absl::Status Write(Program& program, const std::string& path, const std::string& text) {
  if (!path.empty() && path != "-") return base::WriteFileAtomically(program.env, path, text);
  return WriteOut(text);
}

absl::StatusOr<uint64_t> Find(LedgerPlace& place, const ProveArguments& arguments, uint64_t first,
                              uint64_t size) {
  if (arguments.index) return *arguments.index;
  if (arguments.match.empty()) {
    return absl::InvalidArgumentError(
        "say which record: --index N, or --match TEXT for the first that has it");
  }
  std::optional<uint64_t> found;
  TAFFRAIL_RETURN_IF_ERROR(
      ForEachRecord(*place.source, first, size, [&](uint64_t index, std::string_view line) {
        if (line.find(arguments.match) != std::string_view::npos) found = index;
        return !found;
      }));
  if (found) return *found;
  return absl::NotFoundError(fmt::format("no record of the ledger has \"{}\" in it", arguments.match));
}

absl::StatusOr<ExitCode> Prove(const ProveArguments& arguments, Program& program) {
  TAFFRAIL_ASSIGN_OR_RETURN(LedgerPlace place, FindLedger(program.env, arguments.path));
  TAFFRAIL_ASSIGN_OR_RETURN(const TrustedKeys keys, KeysOf(program.env, place, arguments.key));
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string note, place.source->Read("checkpoint"));
  TAFFRAIL_ASSIGN_OR_RETURN(const audit::SignedCheckpoint checkpoint,
                            audit::OpenCheckpoint(note, keys.chain.keys, keys.origin));
  const uint64_t size = checkpoint.checkpoint.size;
  TAFFRAIL_ASSIGN_OR_RETURN(const uint64_t index, Find(place, arguments, keys.chain.first_record, size));
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string record, audit::ReadEntry(*place.source, index, size));
  audit::LogProof proof{"", index, {}, note};
  TAFFRAIL_ASSIGN_OR_RETURN(proof.hashes, audit::ProofBuilder(*place.source, size).Inclusion(index));
  // A proof from files that were altered proves nothing; better said here than by whoever gets it.
  TAFFRAIL_RETURN_IF_ERROR(audit::VerifyLogProof(proof, record, keys.chain.keys, keys.origin).status());
  if (!arguments.record_out.empty()) {
    TAFFRAIL_RETURN_IF_ERROR(base::WriteFileAtomically(program.env, arguments.record_out, record));
  }
  TAFFRAIL_RETURN_IF_ERROR(Write(program, arguments.out, proof.ToString()));
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> Check(const CheckArguments& arguments, Program& program) {
  TAFFRAIL_ASSIGN_OR_RETURN(const std::vector<audit::PublicKey> keys, ParseKeys(program.env, arguments.key));
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string text,
                            base::ReadFile(program.env, arguments.proof, audit::kMaxProofBytes));
  TAFFRAIL_ASSIGN_OR_RETURN(std::string record,
                            base::ReadFile(program.env, arguments.record, audit::kMaxEntryBytes + 1));
  TAFFRAIL_ASSIGN_OR_RETURN(const audit::LogProof proof, audit::ParseLogProof(text));
  absl::StatusOr<audit::SignedCheckpoint> checkpoint =
      audit::VerifyLogProof(proof, record, keys, keys.front().name());
  if (!checkpoint.ok() && record.ends_with('\n')) {  // a line that was saved by an editor
    record.pop_back();
    checkpoint = audit::VerifyLogProof(proof, record, keys, keys.front().name());
  }
  if (!checkpoint.ok()) {
    fmt::print("{}\n", Printable(std::string(checkpoint.status().message())));
    return ExitCode::kCheckFailed;
  }
  fmt::print("record {} of {} in {}: proved\n", proof.index, checkpoint->checkpoint.size,
             Printable(checkpoint->checkpoint.origin));
  return ExitCode::kDone;
}

}  // namespace

void AddAuditProve(Command app, Program& program) {
  auto prove = std::make_shared<ProveArguments>();
  Command command = AddCommand(
      app, program,
      {"Commands", "prove", "Write the proof that one record is in a ledger, as a file that anyone can check",
       "  taffrail audit prove ./logs --index 17 --out 17.tlog-proof --record 17.json\n"
       "  taffrail audit prove ./logs --match req_8f4e2b1c > record.tlog-proof"},
      [prove, &program] { return Prove(*prove, program); });
  command.Add("LEDGER", prove->path, "A ledger's directory or URL, or a store's with one ledger").Required();
  command.Add("--index", prove->index, "The record's number, from 0").Type("N");
  command.Add("--match", prove->match, "The first record with this text in it").Type("TEXT");
  command.Add("--out", prove->out, "Where to write the proof (stdout)").Type("FILE");
  command.Add("--record", prove->record_out, "Where to write the record itself").Type("FILE");
  command.Add("--key", prove->key, "The verifier key (key.pub in the ledger)").Type("KEY");

  auto check = std::make_shared<CheckArguments>();
  command =
      AddCommand(app, program,
                 {"Commands", "check", "Check a proof, with no ledger at hand; exit code 1: it does not hold",
                  "  taffrail audit check 17.tlog-proof 17.json --key key.pub"},
                 [check, &program] { return Check(*check, program); });
  command.Add("PROOF", check->proof, "A .tlog-proof file").Required();
  command.Add("RECORD", check->record, "The record's line").Required();
  command.Add("--key", check->key, "The log's verifier key, or a file with it").Required().Type("KEY");
}

}  // namespace taffrail::cmd
