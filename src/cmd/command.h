// What a subcommand is: a function that adds itself, with its own options and help, to the command line.
//
//   void AddStats(CLI::App& app, Program& program) {
//     auto options = std::make_shared<StatsOptions>();
//     CLI::App* command = AddCommand(app, program, {"Ask", "stats", "Count lines …", "  taffrail stats …"},
//                                    [options, &program] { return RunStats(*options, program); });
//     command->add_option("--since", options->since, "…");
//   }
//
// commands.cc lists them all; program.cc parses the line and runs the one that was named.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.h"
#include "base/status.h"
#include "cmd/exit_code.h"
#include "cmd/terminal.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

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

CLI::App* AddCommand(CLI::App& app, Program& program, const CommandText& text, Action action);

// An option with a fixed set of values, which help and completion show. `group` is its heading in the help.
CLI::Option* AddChoice(CLI::App& app, const std::string& name, std::string& value,
                       const std::vector<std::string>& choices, const std::string& description);

// Separates a type name's choices, "raw|json": what AddChoice writes, help prints and completion reads.
inline constexpr char kChoiceSeparator = '|';

// Every subcommand of the program, in the order of the help.
void AddAllCommands(CLI::App& app, Program& program);

void AddServe(CLI::App& app, Program& program);
void AddImport(CLI::App& app, Program& program);
void AddSearch(CLI::App& app, Program& program);
void AddTail(CLI::App& app, Program& program);
void AddTrail(CLI::App& app, Program& program);
void AddStats(CLI::App& app, Program& program);
void AddAgent(CLI::App& app, Program& program);
void AddRecover(CLI::App& app, Program& program);
void AddStore(CLI::App& app, Program& program);
void AddStoreLife(CLI::App& store, Program& program);  // its subcommands that take lines away, or keep a copy
void AddRedact(CLI::App& app, Program& program);
void AddAudit(CLI::App& app, Program& program);
void AddDoctor(CLI::App& app, Program& program);
void AddConfig(CLI::App& app, Program& program);
void AddCompletion(CLI::App& app, Program& program);
void AddVersion(CLI::App& app, Program& program);

// Parses the command line, runs it, prints what went wrong; the process's exit code.
int Main(int argc, char** argv);

}  // namespace taffrail::cmd
