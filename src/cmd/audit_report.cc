// `taffrail audit report|bundle`: what auditors ask for, and the evidence behind it.
#include <fmt/format.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <utility>

#include "audit/checkpoint.h"
#include "base/time_text.h"
#include "cmd/audit_commands.h"
#include "cmd/audit_ledger.h"
#include "cmd/audit_rows.h"
#include "cmd/command.h"
#include "cmd/output.h"
#include "cmd/printable.h"
#include "ledger/statements.h"

namespace taffrail::cmd {
namespace {

struct ReportArguments {
  std::string ledger;
  std::string key;
  std::string format = "html";
  std::string out;
  std::string subjects;
  RowFilter filter;
};

// The paper that goes with the evidence, for someone without Taffrail.
constexpr char kHowTo[] = R"(Evidence from the audit ledger %ORIGIN%

records/N.json        a record as it was stored, byte for byte; N is its number in the ledger
proofs/N.tlog-proof   the proof that it is record N (C2SP tlog-proof)
checkpoint            the signed state that all proofs lead to (C2SP tlog-checkpoint)
key.pub               the verifier key; compare it with the one that you were given at another time
statements/           changes of the key and what was pruned, each signed by the key before
report.html           the same records as a report

With Taffrail:   taffrail audit check proofs/N.tlog-proof records/N.json --key key.pub
Without it, for one record:
 1. leaf = SHA-256(byte 00, then the bytes of records/N.json).
 2. The proof file has lines: a header, "index N", hashes in base64, an empty line, then the checkpoint. Go
    from the leaf to the root as RFC 9162 section 2.1.3.2 says; a node is SHA-256(byte 01, left, right).
 3. The result must be the third line of the checkpoint, and the second line is the number of records.
 4. The checkpoint's last line has the signature: base64 of 4 bytes key id and 64 bytes Ed25519 over the text
    before the empty line, with its last newline. key.pub ends with base64 of byte 01 and the 32 bytes of the
    public key.
Any program that knows C2SP's signed-note and tlog-proof formats can do this.
)";

struct Opened {
  LedgerPlace place;
  TrustedKeys keys;
  AuditReport report;
  std::string checkpoint;
};

absl::StatusOr<Opened> Open(const ReportArguments& arguments, Program& program) {
  TAFFRAIL_ASSIGN_OR_RETURN(LedgerPlace place, FindLedger(program.env, arguments.ledger));
  Opened opened{std::move(place), {}, {}, {}};
  TAFFRAIL_ASSIGN_OR_RETURN(opened.keys, KeysOf(program.env, opened.place, arguments.key));
  const audit::VerifyReport verified = Verify(opened.place, opened.keys);
  TAFFRAIL_ASSIGN_OR_RETURN(opened.checkpoint, opened.place.source->Read("checkpoint"));
  AuditReport& report = opened.report;
  report.origin = opened.keys.origin;
  report.size = verified.checkpoint.checkpoint.size;
  report.verified = verified.findings.empty();
  report.verdict =
      report.verified
          ? fmt::format("Every record of the ledger was verified against its signed checkpoint ({} records).",
                        report.size)
          : fmt::format("The ledger does not verify: {} ({} findings; see `taffrail audit verify`).",
                        verified.findings.front().text,
                        verified.findings.size() + verified.findings_left_out);
  const int64_t now_ns = program.env.NowNs();
  report.made_at = base::FormatRfc3339(now_ns, 0);
  report.period =
      fmt::format("from {} to {}", arguments.filter.from.empty() ? "the beginning" : arguments.filter.from,
                  arguments.filter.to.empty() ? "now" : arguments.filter.to);
  std::unique_ptr<ledger::SubjectKeys> subjects;
  if (!arguments.subjects.empty()) {
    if (!program.env.Exists(arguments.subjects)) {
      return absl::NotFoundError(arguments.subjects + ": no such file");
    }
    TAFFRAIL_ASSIGN_OR_RETURN(subjects, ledger::SubjectKeys::Open(program.env, arguments.subjects));
  }
  TAFFRAIL_ASSIGN_OR_RETURN(report.rows, ReadRows(opened.place, opened.keys.chain.first_record, report.size,
                                                  arguments.filter, now_ns, subjects.get()));
  return opened;
}

absl::StatusOr<ExitCode> Report(const ReportArguments& arguments, Program& program) {
  TAFFRAIL_ASSIGN_OR_RETURN(const Opened opened, Open(arguments, program));
  const std::string text = arguments.format == "csv"    ? ReportCsv(opened.report)
                           : arguments.format == "json" ? ReportJson(opened.report)
                                                        : ReportHtml(opened.report);
  if (!arguments.out.empty() && arguments.out != "-") {
    TAFFRAIL_RETURN_IF_ERROR(base::WriteFileAtomically(program.env, arguments.out, text));
  } else {
    TAFFRAIL_RETURN_IF_ERROR(WriteOut(text));
  }
  if (opened.report.verified) return ExitCode::kDone;
  fmt::print(stderr, "{}\n", Printable(opened.report.verdict));
  return ExitCode::kDamaged;
}

absl::StatusOr<ExitCode> Bundle(const ReportArguments& arguments, Program& program) {
  base::Env& env = program.env;
  if (env.Exists(arguments.out)) {
    return absl::AlreadyExistsError(arguments.out + ": there already; evidence goes to a new directory");
  }
  TAFFRAIL_ASSIGN_OR_RETURN(Opened opened, Open(arguments, program));
  if (!opened.report.verified) {
    fmt::print(stderr, "{}\n", Printable(opened.report.verdict));
    return ExitCode::kDamaged;
  }
  const auto write = [&](const std::string& name, std::string_view bytes) {
    return base::WriteFileAtomically(env, base::JoinPath(arguments.out, name), bytes);
  };
  for (const char* dir : {"records", "proofs", "statements"}) {
    TAFFRAIL_RETURN_IF_ERROR(env.CreateDirs(base::JoinPath(arguments.out, dir)));
  }
  audit::ProofBuilder builder(*opened.place.source, opened.report.size);
  for (const AuditRow& row : opened.report.rows) {
    audit::LogProof proof{"", row.index, {}, opened.checkpoint};
    TAFFRAIL_ASSIGN_OR_RETURN(proof.hashes, builder.Inclusion(row.index));
    TAFFRAIL_RETURN_IF_ERROR(write(fmt::format("records/{}.json", row.index), row.line));
    TAFFRAIL_RETURN_IF_ERROR(write(fmt::format("proofs/{}.tlog-proof", row.index), proof.ToString()));
  }
  std::string keys;
  for (const audit::PublicKey& key : opened.keys.chain.keys) keys += key.ToString() + "\n";
  TAFFRAIL_RETURN_IF_ERROR(write("key.pub", keys));
  TAFFRAIL_RETURN_IF_ERROR(write("checkpoint", opened.checkpoint));
  TAFFRAIL_ASSIGN_OR_RETURN(const std::vector<std::string> notes,
                            ledger::ReadStatements(env, opened.place.dir));
  for (size_t i = 0; i < notes.size(); ++i) {
    TAFFRAIL_RETURN_IF_ERROR(write(fmt::format("statements/{:06}", i + 1), notes[i]));
  }
  std::string how_to(kHowTo);
  how_to.replace(how_to.find("%ORIGIN%"), 8, opened.report.origin);
  TAFFRAIL_RETURN_IF_ERROR(write("README.txt", how_to));
  TAFFRAIL_RETURN_IF_ERROR(write("report.html", ReportHtml(opened.report)));
  fmt::print("{}: {} records with their proofs\n", Printable(arguments.out), opened.report.rows.size());
  return ExitCode::kDone;
}

void AddCommonOptions(Command command, ReportArguments& arguments) {
  command.Add("LEDGER", arguments.ledger, "A ledger's directory or URL, or a store's with one ledger")
      .Required();
  command.Add("--key", arguments.key, "The verifier key (key.pub in the ledger)").Type("KEY");
  command.Add("--reveal", arguments.subjects, "Open sealed values with this store of subject keys")
      .Type("FILE");
  AddRowOptions(command, arguments.filter);
}

}  // namespace

void AddAuditReport(Command app, Program& program) {
  auto arguments = std::make_shared<ReportArguments>();
  const Command command =
      AddCommand(app, program,
                 {"Commands", "report", "Who did what, when: by user, provider, event and period",
                  "  taffrail audit report ./logs --format html --out report.html       prints well\n"
                  "  taffrail audit report ./logs --only failed-logins --from -30d --format csv\n"
                  "  taffrail audit report ./logs --user anna --format json | jq .by_event"},
                 [arguments, &program] { return Report(*arguments, program); });
  AddCommonOptions(command, *arguments);
  command.AddChoice("--format", arguments->format, {"html", "csv", "json"}, "What to write (html)");
  command.Add("--out", arguments->out, "Where to write it (stdout)").Type("FILE");
}

void AddAuditBundle(Command app, Program& program) {
  auto arguments = std::make_shared<ReportArguments>();
  const Command command =
      AddCommand(app, program,
                 {"Commands", "bundle", "Pack evidence: records, proofs, keys, and how to check them",
                  "  taffrail audit bundle ./logs --user anna --from 2026-01-01 --out evidence"},
                 [arguments, &program] { return Bundle(*arguments, program); });
  AddCommonOptions(command, *arguments);
  command.Add("--out", arguments->out, "The new directory").Required().Type("DIR");
}

}  // namespace taffrail::cmd
