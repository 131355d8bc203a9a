// `taffrail audit verify`: what was done to a ledger, and where.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "cmd/audit_commands.h"
#include "cmd/audit_ledger.h"
#include "cmd/command.h"
#include "cmd/human.h"
#include "cmd/output.h"
#include "cmd/printable.h"
#include "net/problem.h"

namespace taffrail::cmd {
namespace {

struct VerifyArguments {
  std::string path;
  std::string key;
  std::vector<std::string> against;
  std::vector<std::string> witnesses;
  size_t witnesses_needed = 0;
  std::string format = "table";
};

std::string FindingJson(const audit::Finding& finding) {
  return fmt::format(R"({{"fault":"{}","file":{},"first_record":{},"records":{},"text":{}}})",
                     audit::NameOf(finding.fault), net::JsonQuote(finding.path), finding.first, finding.count,
                     net::JsonQuote(finding.text));
}

std::string ReportJson(const LedgerPlace& place, const TrustedKeys& keys, const audit::VerifyReport& report) {
  std::string json =
      fmt::format(R"({{"ledger":{},"origin":{},"size":{},"records":{},"first_record":{},"signed":{},)"
                  R"("key_from_ledger":{},"findings":[)",
                  net::JsonQuote(place.dir), net::JsonQuote(keys.origin), report.checkpoint.checkpoint.size,
                  report.records, keys.chain.first_record, report.checkpoint_trusted, keys.from_ledger);
  for (size_t i = 0; i < report.findings.size(); ++i) {
    json += (i == 0 ? "" : ",") + FindingJson(report.findings[i]);
  }
  return json + fmt::format("],\"findings_left_out\":{}}}\n", report.findings_left_out);
}

std::string ReportText(const LedgerPlace& place, const TrustedKeys& keys, const audit::VerifyReport& report,
                       const Painter& painter) {
  std::string text;
  for (const audit::Finding& finding : report.findings) {
    text +=
        fmt::format("{}  {}: {}\n", painter(Style::kBad, fmt::format("{:<10}", audit::NameOf(finding.fault))),
                    Printable(finding.path), Printable(finding.text));
  }
  if (report.findings_left_out > 0) text += fmt::format("… and {} more\n", report.findings_left_out);
  const uint64_t size = report.checkpoint.checkpoint.size;
  const std::string pruned =
      keys.chain.first_record == 0
          ? ""
          : fmt::format(", those before {} pruned with a signed statement", keys.chain.first_record);
  return text +
         fmt::format("{}: {} records signed{}, {} checked: {}\n", Printable(place.dir), HumanCount(size),
                     pruned, HumanCount(report.records),
                     report.findings.empty()
                         ? painter(Style::kGood, "all good")
                         : painter(Style::kBad, fmt::format("{} findings", report.findings.size() +
                                                                               report.findings_left_out)));
}

// Damaged: something in the files is not as it was written. Check failed: they may be, but a signature or a
// kept checkpoint says otherwise.
ExitCode CodeOf(const audit::VerifyReport& report) {
  if (report.findings.empty()) return ExitCode::kDone;
  const bool damaged = std::any_of(report.findings.begin(), report.findings.end(), [](const auto& finding) {
    return finding.fault != audit::Fault::kCheckpoint && finding.fault != audit::Fault::kTruncated &&
           finding.fault != audit::Fault::kForked;
  });
  return damaged ? ExitCode::kDamaged : ExitCode::kCheckFailed;
}

absl::StatusOr<ExitCode> Run(const VerifyArguments& arguments, Program& program) {
  TAFFRAIL_ASSIGN_OR_RETURN(std::vector<LedgerPlace> places, FindLedgers(program.env, arguments.path));
  audit::VerifyOptions options;
  for (const std::string& file : arguments.against) {
    TAFFRAIL_ASSIGN_OR_RETURN(std::string bytes, base::ReadFile(program.env, file, audit::kMaxNoteBytes));
    options.kept.push_back({file, std::move(bytes)});
  }
  for (const std::string& text : arguments.witnesses) {
    TAFFRAIL_ASSIGN_OR_RETURN(const std::vector<audit::PublicKey> keys, ParseKeys(program.env, text));
    options.witnesses.insert(options.witnesses.end(), keys.begin(), keys.end());
  }
  options.witnesses_needed = options.witnesses.empty() ? 0 : std::max<size_t>(1, arguments.witnesses_needed);
  const Painter painter(UseColor(program.color, STDOUT_FILENO));
  Output output(STDOUT_FILENO);
  ExitCode code = ExitCode::kDone;
  bool own_word = false;
  for (LedgerPlace& place : places) {
    TAFFRAIL_ASSIGN_OR_RETURN(const TrustedKeys keys, KeysOf(program.env, place, arguments.key));
    own_word = own_word || keys.from_ledger;
    options.keys = keys.chain.keys;
    options.origin = keys.origin;
    options.first_record = keys.chain.first_record;
    const audit::VerifyReport report = audit::VerifyLog(*place.source, options);
    output.Write(arguments.format == "json" ? ReportJson(place, keys, report)
                                            : ReportText(place, keys, report, painter));
    code = std::max(code, CodeOf(report));
  }
  output.Flush();
  TAFFRAIL_RETURN_IF_ERROR(output.status());
  if (own_word && !program.quiet) {
    fmt::print(stderr,
               "the key was taken from the ledger itself; whoever can change its files can change that too. "
               "Give one that was kept elsewhere with --key, and an older checkpoint with --against\n");
  }
  return code;
}

}  // namespace

void AddAuditVerify(Command app, Program& program) {
  auto arguments = std::make_shared<VerifyArguments>();
  const Command command = AddCommand(
      app, program,
      {"Commands", "verify", "Check ledgers, and name what was done to them and where",
       "  taffrail audit verify ./logs                                  every ledger of a store\n"
       "  taffrail audit verify ./logs/audit/default/audit --key auditor/key.pub --against kept/checkpoint\n"
       "Exit code 4: files are not as they were written; 1: a signature or a kept checkpoint speaks against "
       "them"},
      [arguments, &program] { return Run(*arguments, program); });
  command.Add("LEDGER", arguments->path, "A ledger's or a store's directory, or a ledger's URL").Required();
  command.Add("--key", arguments->key, "The verifier key, or a file with some (key.pub in the ledger)")
      .Type("KEY");
  command.Add("--against", arguments->against, "Checkpoints that were kept: the ledger must agree with them")
      .Type("FILE");
  command.Add("--witness", arguments->witnesses, "Verifier keys of witnesses that must have cosigned")
      .Type("KEY");
  command.Add("--witnesses-needed", arguments->witnesses_needed, "How many of them must have (1)").Type("N");
  command.AddFormat(arguments->format);
}

}  // namespace taffrail::cmd
