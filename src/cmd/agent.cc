// `taffrail agent`: watches queue directories and delivers what processes left there when they were killed.
// It does not follow log files.
#include <fmt/format.h>

#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "cmd/command.h"
#include "log/queue_dir.h"
#include "log/recovery.h"
#include "log/redaction.h"
#include "taffrail/ship.h"
#include "taffrail/sinks.h"

namespace taffrail::cmd {
namespace {

struct AgentOptions {
  std::vector<std::string> dirs;
  std::string output;
  std::string url;
  double interval_s = 1;
  bool once = false;
};

// True when the program is asked to end meanwhile. REQUIRES: the signals are blocked.
bool WaitForSignal(const sigset_t& signals, double seconds) {
  timespec time{};
  time.tv_sec = static_cast<time_t>(seconds);
  time.tv_nsec = static_cast<long>((seconds - static_cast<double>(time.tv_sec)) * 1e9);
  return sigtimedwait(&signals, nullptr, &time) > 0;
}

void RunRound(const AgentOptions& options, const log::RecoveryOptions& recovery, bool quiet) {
  for (const std::string& dir : options.dirs) {
    for (const log::Recovered& recovered : log::RecoverAll(dir, recovery)) {
      if (quiet && !recovered.counts.damaged()) continue;
      fmt::print(stderr, "{} lines of process {} {}{}\n", recovered.lines, recovered.pid, recovered.service,
                 recovered.counts.damaged() ? ", some were damaged" : "");
    }
  }
}

absl::StatusOr<ExitCode> Agent(const AgentOptions& options, Program& program) {
  for (const std::string& dir : options.dirs) {
    const auto entries = log::ListEntries(dir);
    if (!entries.ok() && !absl::IsNotFound(entries.status()))
      return absl::UnavailableError(std::string(entries.status().message()));
  }
  // Before the sinks begin threads of their own: one would take the signal instead, and the process end at
  // once.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  log::RecoveryOptions recovery;
  recovery.config.redaction.enabled = true;
  log::AddRedactor(recovery.config);
  if (!options.url.empty()) {
    LokiConfig loki;
    loki.url = options.url;
    loki.labels = {{"job", "taffrail-agent"}};
    recovery.config.sinks.push_back({loki_sink(loki)});
  }
  if (options.output == "-") recovery.config.sinks.push_back({console_sink()});
  if (!options.output.empty() && options.output != "-")
    recovery.config.sinks.push_back({file_sink(options.output)});
  do {
    RunRound(options, recovery, program.quiet);
  } while (!options.once && !WaitForSignal(signals, options.interval_s));
  return ExitCode::kDone;
}

}  // namespace

void AddAgent(Command app, Program& program) {
  auto options = std::make_shared<AgentOptions>();
  const Command command =
      AddCommand(app, program,
                 {"Run", "agent", "Deliver the lines of processes that were killed",
                  "  taffrail agent --queue-dir /var/lib/api/queue           to the files they wrote to\n"
                  "  taffrail agent --queue-dir /run/a --queue-dir /run/b --url http://127.0.0.1:4880"},
                 [options, &program] { return Agent(*options, program); });
  command.Add("--queue-dir", options->dirs, "A queue directory; may be given several times")
      .Type("DIR")
      .Required();
  command.Add("--url", options->url, "Send the lines to this Taffrail or Loki server").Type("URL");
  command
      .Add("--output", options->output,
           "Append the lines to this file; -: the standard output (without this and --url: to the "
           "files that the processes wrote to)")
      .Type("FILE");
  command.Add("--interval", options->interval_s, "Seconds between two looks (1)")
      .Within(0.01, 3600.0)
      .Type("S");
  command.AddFlag("--once", options->once, "Look once and end");
}

}  // namespace taffrail::cmd
