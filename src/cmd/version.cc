#include <fmt/format.h>

#include "cmd/command.h"

namespace taffrail::cmd {

void AddVersion(Command app, Program& program) {
  AddCommand(app, program, {"Help", "version", "Print the version", "  taffrail version"},
             []() -> absl::StatusOr<ExitCode> {
               fmt::print("taffrail {}\n", TAFFRAIL_VERSION);
               return ExitCode::kDone;
             });
}

}  // namespace taffrail::cmd
