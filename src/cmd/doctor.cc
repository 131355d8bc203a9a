// `taffrail doctor`: looks at everything that usually is wrong when something is wrong.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "cmd/command.h"
#include "cmd/doctor_checks.h"
#include "cmd/output.h"
#include "cmd/printable.h"
#include "cmd/server_client.h"
#include "net/problem.h"

namespace taffrail::cmd {
namespace {

struct DoctorOptions {
  std::string url;
  std::string data_dir;
  bool deep = false;
  std::string format = "table";
};

std::string_view NameOf(Health health) {
  return health == Health::kGood ? "good" : health == Health::kWarning ? "warning" : "bad";
}

std::string FindingsText(const std::vector<Finding>& findings, const Painter& painter) {
  constexpr size_t kSubjectColumns = 16;
  std::string out;
  for (const Finding& finding : findings) {
    const Style style = finding.health == Health::kGood      ? Style::kGood
                        : finding.health == Health::kWarning ? Style::kWarning
                                                             : Style::kBad;
    out += painter(style, fmt::format("{:<8}", NameOf(finding.health)));
    out += fmt::format("{:<{}}{}\n", finding.subject, kSubjectColumns, Printable(finding.found));
    if (!finding.mend.empty())
      out += fmt::format("{:8}{}\n", "", painter(Style::kBold, "→ " + Printable(finding.mend)));
  }
  return out;
}

std::string FindingsJson(const std::vector<Finding>& findings) {
  std::string json = "[";
  for (const Finding& finding : findings) {
    json += fmt::format(R"({}{{"health":"{}","subject":{},"found":{},"mend":{}}})",
                        json.size() > 1 ? "," : "", NameOf(finding.health), net::JsonQuote(finding.subject),
                        net::JsonQuote(finding.found), net::JsonQuote(finding.mend));
  }
  return json + "]\n";
}

absl::StatusOr<ExitCode> Doctor(const DoctorOptions& options, Program& program) {
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string url, ServerUrl(options.url));
  std::vector<Finding> findings = CheckMachine(program.env);
  if (!options.data_dir.empty()) {
    for (Finding& finding : CheckDataDir(program.env, options.data_dir, options.deep)) {
      findings.push_back(std::move(finding));
    }
  }
  // Who asks about a directory only may have no server yet.
  if (options.data_dir.empty() || !options.url.empty()) {
    for (Finding& finding : CheckServer(url)) findings.push_back(std::move(finding));
  }
  TAFFRAIL_RETURN_IF_ERROR(WriteOut(
      options.format == "json" ? FindingsJson(findings)
                               : FindingsText(findings, Painter(UseColor(program.color, STDOUT_FILENO)))));
  const bool bad = std::any_of(findings.begin(), findings.end(),
                               [](const Finding& finding) { return finding.health == Health::kBad; });
  return bad ? ExitCode::kCheckFailed : ExitCode::kDone;
}

}  // namespace

void AddDoctor(Command app, Program& program) {
  auto options = std::make_shared<DoctorOptions>();
  const Command command =
      AddCommand(app, program,
                 {"Keep", "doctor", "Find out what is wrong, and how to mend it",
                  "  taffrail doctor                        the machine and the server\n"
                  "  taffrail doctor --data ./logs          the machine and a store\n"
                  "  taffrail doctor --data ./logs --deep   and every block of it; exit code 1 if bad"},
                 [options, &program] { return Doctor(*options, program); });
  command
      .Add("--url", options->url, "The server (default: $TAFFRAIL_URL, or " + std::string(kDefaultUrl) + ")")
      .Type("URL");
  command.Add("--data", options->data_dir, "A store's directory").Type("DIR");
  command.AddFlag("--deep", options->deep, "Read every block of the store");
  command.AddFormat(options->format);
}

}  // namespace taffrail::cmd
