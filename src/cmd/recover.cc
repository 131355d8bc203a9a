// `taffrail recover`: what killed processes left in a queue directory.
#include "log/recovery.h"

#include <fmt/format.h>

#include <memory>
#include <string>

#include "cmd/command.h"
#include "cmd/human.h"
#include "cmd/printable.h"
#include "log/queue_dir.h"
#include "log/redaction.h"
#include "taffrail/sinks.h"

namespace taffrail::cmd {
namespace {

struct RecoverOptions {
  std::string dir;
  std::string output;
  std::string layout;
  bool keep = false;
  bool unredacted = false;
};

log::RecoveryOptions RecoveryOptionsOf(const RecoverOptions& options) {
  log::RecoveryOptions recovery{.keep = options.keep, .unredacted = options.unredacted};
  recovery.config.redaction.enabled = !options.unredacted;
  log::AddRedactor(recovery.config);
  if (!options.layout.empty()) recovery.config.layout = options.layout;
  if (options.output == "-") {
    recovery.config.sinks.push_back({console_sink()});
  } else if (!options.output.empty()) {
    recovery.config.sinks.push_back({file_sink(options.output)});
  }
  return recovery;
}

std::string Report(const log::Recovered& recovered) {
  std::string text = fmt::format("{} lines of process {}", HumanCount(recovered.lines), recovered.pid);
  if (!recovered.service.empty()) text += fmt::format(" ({})", Printable(recovered.service));
  const log::RecoveryCounts& counts = recovered.counts;
  if (counts.damaged()) {
    text += fmt::format("; damaged: {} records unreadable, {} lines without their scope, {} bytes lost",
                        counts.unreadable, counts.without_scope, counts.bytes_lost);
  }
  return text;
}

absl::StatusOr<ExitCode> Recover(const RecoverOptions& options, Program& program) {
  const log::RecoveryOptions recovery = RecoveryOptionsOf(options);
  const auto entries = log::ListEntries(options.dir);
  // Also when it is no directory: nothing can be read there.
  if (!entries.ok()) return absl::UnavailableError(std::string(entries.status().message()));
  bool damaged = false;
  absl::Status failed;
  for (const std::string& entry : *entries) {
    const auto recovered = log::RecoverEntry(entry, recovery);
    if (recovered.ok()) {
      damaged |= recovered->counts.damaged();
      if (!program.quiet || recovered->counts.damaged()) fmt::print(stderr, "{}\n", Report(*recovered));
    } else if (absl::IsAborted(recovered.status())) {
      if (!program.quiet) fmt::print(stderr, "{}\n", Printable(std::string(recovered.status().message())));
    } else if (!absl::IsNotFound(recovered.status())) {
      failed = absl::UnavailableError(Printable(entry) + ": " + std::string(recovered.status().message()));
      fmt::print(stderr, "{}\n", std::string(failed.message()));
    }
  }
  if (!failed.ok()) return ExitCode::kUnreachable;
  return damaged ? ExitCode::kDamaged : ExitCode::kDone;
}

}  // namespace

void AddRecover(Command app, Program& program) {
  auto options = std::make_shared<RecoverOptions>();
  const Command command =
      AddCommand(app, program,
                 {"Keep", "recover", "Write the lines that killed processes left in their queues",
                  "  taffrail recover /var/lib/api/queue                  to the files they wrote to\n"
                  "  taffrail recover /var/lib/api/queue --output -       to the standard output\n"
                  "  taffrail recover /var/lib/api/queue --output - --keep   look, and leave it all there"},
                 [options, &program] { return Recover(*options, program); });
  command.Add("DIR", options->dir, "The queue directory").Required();
  const Option output = command.Add("--output", options->output,
                                    "Append the lines to this file, not to those of the process; "
                                    "-: the standard output");
  output.Type("FILE");
  command.Add("--layout", options->layout, "How the lines look (that of the process, or nested)")
      .Type("LAYOUT")
      .Needs(output);
  command.AddFlag("--keep", options->keep, "Leave the queues as they are: they are written again next time")
      .Needs(output);
  command.AddFlag("--unredacted", options->unredacted,
                  "Every line as it was logged, also of programs with a redactor of their own");
}

}  // namespace taffrail::cmd
