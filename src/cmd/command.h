// What a subcommand is: a function that adds itself, with its own options and help, to the command line.
//
//   void AddStats(Command app, Program& program) {
//     auto options = std::make_shared<StatsOptions>();
//     Command command = AddCommand(app, program, {"Ask", "stats", "Count lines …", "  taffrail stats …"},
//                                    [options, &program] { return RunStats(*options, program); });
//     command.Add("--since", options->since, "…");
//   }
//
// program.cc lists them all, parses the line and runs the one that was named.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.h"
#include "base/status.h"
#include "cmd/command_line.h"
#include "cmd/exit_code.h"
#include "cmd/terminal.h"

namespace taffrail::cmd {

using Action = std::function<absl::StatusOr<ExitCode>()>;

// What all subcommands share: the global options, and which action was chosen.
struct Program {
  base::Env& env;
  ColorMode color = ColorMode::kAuto;
  bool quiet = false;  // no progress, no hints; errors still
  Action action;
};

struct CommandText {
  std::string group;  // heading of the list of commands: "Run", "Ask", "Keep", "Help"
  std::string name;
  std::string summary;   // one line
  std::string examples;  // the end of its help: lines indented by two
};

Command AddCommand(Command app, Program& program, const CommandText& text, Action action);

// Every subcommand of the program, in the order of the help.
void AddAllCommands(Command app, Program& program);

void AddServe(Command app, Program& program);
void AddImport(Command app, Program& program);
void AddSearch(Command app, Program& program);
void AddTail(Command app, Program& program);
void AddTrail(Command app, Program& program);
void AddPatterns(Command app, Program& program);
void AddStats(Command app, Program& program);
void AddAgent(Command app, Program& program);
void AddRecover(Command app, Program& program);
void AddStore(Command app, Program& program);
void AddStoreLife(Command store, Program& program);  // its subcommands that take lines away, or keep a copy
void AddRedact(Command app, Program& program);
void AddAudit(Command app, Program& program);
void AddDoctor(Command app, Program& program);
void AddConfig(Command app, Program& program);
void AddCompletion(Command app, Program& program);
void AddVersion(Command app, Program& program);

// Parses the command line, runs it, prints what went wrong; the process's exit code.
int Main(int argc, char** argv);

}  // namespace taffrail::cmd
