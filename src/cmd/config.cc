// `taffrail config`: what a configuration file of the logging library means, and a file to begin with.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "cmd/command.h"
#include "cmd/output.h"
#include "cmd/printable.h"
#include "config/explain.h"
#include "config/load.h"
#include "log/presets.h"

namespace taffrail::cmd {
namespace {

struct ConfigOptions {
  std::string file;
  std::string preset = "production";
  std::string format = "text";
  bool no_env = false;
};

absl::StatusOr<ExitCode> Print(std::string_view text) {
  TAFFRAIL_RETURN_IF_ERROR(WriteOut(text));
  return ExitCode::kDone;
}

std::string ProblemsText(const std::vector<ConfigProblem>& problems, const Painter& painter) {
  std::string out;
  for (const ConfigProblem& problem : problems) {
    std::string place = problem.file;
    if (problem.line > 0) place += fmt::format(":{}:{}", problem.line, problem.column);
    out += painter(Style::kBold, Printable(place)) + ": " +
           (problem.is_error ? painter(Style::kBad, "error") : painter(Style::kWarning, "warning")) + ": " +
           Printable(problem.message) + '\n';
    if (!problem.hint.empty()) out += "    → " + Printable(problem.hint) + '\n';
  }
  return out;
}

absl::StatusOr<ExitCode> Check(const ConfigOptions& options, Program& program) {
  config::Problems problems(options.file);
  std::string text;
  if (!config::ReadConfigFile(options.file, text, problems)) {
    const auto unreadable = problems.Take();
    return absl::UnavailableError(unreadable.front().message);
  }
  const auto get_env = [&](const char* name) { return options.no_env ? nullptr : std::getenv(name); };
  const config::Loaded loaded = config::Load(text, get_env, problems);
  const bool ok = problems.ok();
  const std::vector<ConfigProblem> found = problems.Take();
  if (options.format == "json") {
    TAFFRAIL_RETURN_IF_ERROR(Print(config::ExplainJson(loaded, found, ok, options.file)).status());
  } else {
    const Painter painter(UseColor(program.color, STDERR_FILENO));
    fmt::print(stderr, "{}", ProblemsText(found, painter));
    if (ok && !program.quiet)
      TAFFRAIL_RETURN_IF_ERROR(Print(config::EffectiveYaml(loaded, options.file)).status());
  }
  return ok ? ExitCode::kDone : ExitCode::kCheckFailed;
}

void AddCheck(Command parent, Program& program) {
  auto options = std::make_shared<ConfigOptions>();
  const Command command =
      AddCommand(parent, program,
                 {"Commands", "check", "Explain a file: its mistakes, or what it comes to and why",
                  "  taffrail config check taffrail.yaml                 exit code 1 when it has mistakes\n"
                  "  LOG_LEVEL=DEBUG taffrail config check taffrail.yaml  as the service would see it\n"
                  "  taffrail config check --format json taffrail.yaml    for programs"},
                 [options, &program] { return Check(*options, program); });
  command.Add("FILE", options->file, "The configuration file").Required();
  command.AddFlag("--no-env", options->no_env, "As if no environment variable were set");
  command.AddChoice("--format", options->format, {"text", "json"}, "How to print it (default: text)");
}

void AddPrint(Command parent, Program& program) {
  auto options = std::make_shared<ConfigOptions>();
  const Command command = AddCommand(parent, program,
                                     {"Commands", "print", "Print a file to begin with: every key, explained",
                                      "  taffrail config print > taffrail.yaml\n"
                                      "  taffrail config print --preset development"},
                                     [options] { return Print(config::StarterFile(options->preset)); });
  command.AddChoice("--preset", options->preset, {"development", "staging", "production"},
                    "Which preset it starts from (default: production)");
}

}  // namespace

void AddConfig(Command app, Program& program) {
  const Command command =
      AddCommand(app, program,
                 {"Help", "config", "Check or write a configuration of the logging library",
                  "  taffrail config check taffrail.yaml    its mistakes, or what it comes to\n"
                  "  taffrail config print > taffrail.yaml  a file to begin with\n"
                  "  taffrail config schema                 its JSON Schema, for editors"},
                 nullptr);
  command.RequireSubcommand();
  AddCheck(command, program);
  AddPrint(command, program);
  AddCommand(command, program,
             {"Commands", "schema", "Print the JSON Schema of the file",
              "  taffrail config schema > taffrail.schema.json"},
             [] { return Print(config::JsonSchema()); });
}

}  // namespace taffrail::cmd
