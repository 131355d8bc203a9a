// `taffrail redact`: secrets out of text, and what the rules for it would do.
#include <CLI/CLI.hpp>
#include <memory>

#include "cmd/command.h"
#include "cmd/redact_filter.h"

namespace taffrail::cmd {

void AddRedact(CLI::App& app, Program& program) {
  auto options = std::make_shared<FilterOptions>();
  CLI::App* command = AddCommand(
      app, program, {"Keep", "redact", "Take secrets out of text", "  tail -f app.log | taffrail redact"},
      [options, &program]() -> absl::StatusOr<ExitCode> {
        TAFFRAIL_ASSIGN_OR_RETURN(const auto engine, redact::Engine::Make({}));
        redact::Scratch scratch;
        TAFFRAIL_RETURN_IF_ERROR(FilterFiles(program.env, *engine, *options, scratch));
        return ExitCode::kDone;
      });
  command->add_option("FILE", options->files, "Files; none, or -, is the standard input")->type_name("FILE");
  command->add_flag("--null", options->null_ended, "Records end with a NUL byte instead of a newline");
}

}  // namespace taffrail::cmd
