// `taffrail redact`: secrets out of text, and what the rules for it would do.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <vector>

#include "cmd/command.h"
#include "cmd/redact_commands.h"
#include "cmd/redact_filter.h"
#include "config/redaction_section.h"
#include "config/yaml_tree.h"
#include "log/redaction.h"

namespace taffrail::cmd {

absl::StatusOr<std::shared_ptr<const redact::Policy>> LoadPolicy(base::Env& env, const std::string& file) {
  if (file.empty()) return redact::Policy::Make({});
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string text, base::ReadFile(env, file, config::kFileBytesMax));
  config::Problems problems(file);
  const auto section = config::LoadRedactionSection(text, std::getenv, problems);
  if (!problems.ok()) {
    const std::vector<ConfigProblem> found = problems.Take();
    const auto first = std::ranges::find(found, true, &ConfigProblem::is_error);
    return absl::InvalidArgumentError(fmt::format("{}:{}: {}{}{}", file, first->line, first->message,
                                                  first->hint.empty() ? "" : "; ", first->hint));
  }
  if (!section.is_there)
    return absl::InvalidArgumentError(
        fmt::format("{} has no section `redaction`; docs/redaction.md shows one", file));
  return log::MakePolicy(section.config);
}

void AddPolicyOption(Command command, std::string& file) {
  command.Add("--config", file, "Rules and fields: the `redaction` section of a service's or server's file")
      .Type("FILE");
}

void AddRedact(Command app, Program& program) {
  struct Options {
    FilterOptions filter;
    std::string config;
  };
  auto options = std::make_shared<Options>();
  const Command command =
      AddCommand(app, program,
                 {"Keep", "redact", "Take secrets out of text; find those that are stored",
                  "  tail -f app.log | taffrail redact\n"
                  "  taffrail redact --config taffrail.yaml old.log > clean.log\n"
                  "  taffrail redact scan app.log*                 which secrets are in there; exit code 1\n"
                  "  taffrail redact explain --config new.yaml app.log   what rules would do\n"
                  "A file called scan, explain or test is ./scan, ./explain, ./test."},
                 nullptr);
  const auto filter = [options, &program]() -> absl::StatusOr<ExitCode> {
    TAFFRAIL_ASSIGN_OR_RETURN(const auto policy, LoadPolicy(program.env, options->config));
    redact::Scratch scratch;
    TAFFRAIL_RETURN_IF_ERROR(FilterFiles(program.env, *policy, options->filter, scratch));
    return ExitCode::kDone;
  };
  command.OnAlone([filter, &program] { program.action = filter; });
  command.Add("FILE", options->filter.files, "Files; none, or -, is the standard input").Type("FILE");
  command.AddFlag("--null", options->filter.null_ended, "Records end with a NUL byte instead of a newline");
  AddPolicyOption(command, options->config);
  AddRedactScan(command, program);
  AddRedactExplain(command, program);
}

}  // namespace taffrail::cmd
