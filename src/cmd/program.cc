#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "cmd/command.h"
#include "cmd/dashes.h"
#include "cmd/help.h"
#include "cmd/printable.h"
#include "cmd/server_client.h"

namespace taffrail::cmd {
namespace {

constexpr char kDescription[] =
    "taffrail keeps every line your services log, byte for byte, and finds what happened to one request.";
constexpr char kExamples[] =
    "  taffrail serve --data ./logs                  start a server on http://127.0.0.1:4880\n"
    "  taffrail import app.ndjson.zst                send it a file\n"
    "  taffrail search 'level:ERROR' --from -1h      the errors of the last hour\n"
    "  taffrail search 'level:ERROR' app.log*        the same, straight from files, no server\n"
    "  taffrail trail req_8f4e2b1c                   one request across all services\n"
    "  taffrail COMMAND --help                       more on each command";

class HelpFormatter : public CLI::FormatterBase {
 public:
  explicit HelpFormatter(const Program& program) : program_(program) {}
  std::string make_help(const CLI::App* app, std::string, CLI::AppFormatMode) const override {
    return RenderHelp(*app, Painter(UseColor(program_.color, STDOUT_FILENO)), TerminalWidth());
  }

 private:
  const Program& program_;
};

void AddGlobalOptions(CLI::App& app, Program& program) {
  static const std::map<std::string, ColorMode> kModes = {
      {"auto", ColorMode::kAuto}, {"always", ColorMode::kAlways}, {"never", ColorMode::kNever}};
  app.add_option_function<std::string>(
         "--color", [&program](const std::string& mode) { program.color = kModes.at(mode); },
         "Colours: auto is on for terminals, unless NO_COLOR is set")
      ->check(CLI::IsMember({"auto", "always", "never"}).description(""))
      ->type_name("auto|always|never")
      ->group("Everywhere")
      ->trigger_on_parse();  // --help after it is coloured accordingly
  // By way of the environment, where every client of a server looks.
  app.add_option_function<std::string>(
         "--tenant", [](const std::string& id) { setenv(kTenantVariable, id.c_str(), 1); },
         fmt::format("Whose lines, of a server that keeps tenants apart (default: ${})", kTenantVariable))
      ->type_name("ID")
      ->group("Everywhere");
  app.add_flag("-q,--quiet", program.quiet, "No progress and no hints; errors still")->group("Everywhere");
  app.set_help_flag("-h,--help", "Show this help")->group("Everywhere");
}

// Undoes MarkDashes in every value.
void UnmarkValues(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    if (option->get_items_expected_max() > 0) option->transform(Unmarked, "");
  }
  for (CLI::App* command : app.get_subcommands({})) UnmarkValues(*command);
}

int UsageError(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  const CLI::App* at = &app;  // the subcommand the user had reached
  while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
  std::string name = at->get_name();
  for (const CLI::App* up = at->get_parent(); up != nullptr; up = up->get_parent())
    name = up->get_name() + " " + name;

  std::string message = error.what();
  if (argc > 1 && argv[1][0] != '-' && at == &app) {
    message = fmt::format("there is no command \"{}\"", argv[1]);
    const std::string nearest = NearestCommand(app, argv[1]);
    if (!nearest.empty()) message += fmt::format("; did you mean \"{}\"?", nearest);
  }
  fmt::print(stderr, "{}: {} (see `{} --help`)\n", name, Printable(message), name);
  return static_cast<int>(ExitCode::kUsage);
}

int RunAction(const Action& action) {
  absl::StatusOr<ExitCode> code = action();
  if (code.ok()) return static_cast<int>(*code);
  fmt::print(stderr, "{}", ErrorText(code.status()));
  return static_cast<int>(ExitCodeOf(code.status()));
}

}  // namespace

Command AddCommand(Command app, Program& program, const CommandText& text, Action action) {
  CLI::App* command = app.app().add_subcommand(text.name, text.summary);
  command->group(text.group)->footer(text.examples)->fallthrough();
  command->set_help_flag("-h,--help", "Show this help")->group("Everywhere");
  if (action) command->callback([&program, action = std::move(action)] { program.action = action; });
  return Command(command);
}

void AddAllCommands(Command app, Program& program) {
  for (const auto add :
       {AddServe, AddAgent, AddImport, AddSearch, AddTail, AddTrail, AddPatterns, AddStats, AddStore,
        AddRedact, AddAudit, AddRecover, AddDoctor, AddConfig, AddCompletion, AddVersion}) {
    add(app, program);
  }
}

int Main(int argc, char** argv) {
  // A reader that has gone away (`| head`) is told by write(), not by a signal: Output then ends quietly.
  std::signal(SIGPIPE, SIG_IGN);
#ifdef NDEBUG
  // Distributions build Abseil such that every lock is entered in one graph for all threads, to find
  // deadlocks: what the debug builds are for.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
#endif
  Program program{base::Env::Posix()};
  CLI::App app(kDescription, "taffrail");
  app.formatter(std::make_shared<HelpFormatter>(program));
  app.footer(kExamples);
  AddGlobalOptions(app, program);
  AddAllCommands(Command(&app), program);
  UnmarkValues(app);
  try {
    if (argc < 2) {
      fmt::print(stderr, "{}", app.help());
      return static_cast<int>(ExitCode::kUsage);
    }
    std::vector<std::string> words = MarkDashes({argv + 1, argv + argc});
    std::reverse(words.begin(), words.end());  // as CLI11 wants them
    app.parse(words);
  } catch (const CLI::CallForHelp&) {
    const CLI::App* at = &app;
    while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
    fmt::print("{}", at->help());
    return static_cast<int>(ExitCode::kDone);
  } catch (const CLI::ParseError& error) {
    return UsageError(app, error, argc, argv);
  }
  return RunAction(program.action);
}

}  // namespace taffrail::cmd
