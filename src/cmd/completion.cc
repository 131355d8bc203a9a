// Completion scripts, generated from the option tables of the program itself, so that they cannot be stale.
//
// One list drives all three shells: for every command its words, subcommands and options, and for an option
// what its value is (one of some choices, a file, a directory, something else).
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "cmd/command.h"

namespace taffrail::cmd {
namespace {

struct OptionEntry {
  std::vector<std::string> names;  // "-q", "--quiet"
  std::string description;
  std::string type;  // "", "FILE", "DIR", "a|b", other
};
struct CommandEntry {
  std::string path;  // "taffrail store info"
  std::string name;
  std::string description;
  std::vector<std::string> subcommands;
  std::vector<OptionEntry> options;
  std::vector<std::string> positional_choices;
};

bool IsChoice(const std::string& type) { return type.find(kChoiceSeparator) != std::string::npos; }

std::string Words(std::string choices) {
  for (char& c : choices) {
    if (c == kChoiceSeparator) c = ' ';
  }
  return choices;
}

void Collect(const CLI::App& app, const std::string& prefix, const std::vector<OptionEntry>& inherited,
             std::vector<CommandEntry>& out) {
  CommandEntry entry;
  entry.path = prefix + app.get_name();
  entry.name = app.get_name();
  entry.description = app.get_description();
  entry.options = inherited;
  std::vector<OptionEntry> global = inherited;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) {
      if (IsChoice(option->get_type_name()))
        entry.positional_choices.push_back(Words(option->get_type_name()));
      continue;
    }
    OptionEntry o;
    for (const std::string& name : option->get_snames()) o.names.push_back("-" + name);
    for (const std::string& name : option->get_lnames()) o.names.push_back("--" + name);
    o.description = option->get_description();
    o.type = option->get_type_size_max() == 0 ? "" : option->get_type_name();
    const bool is_help = option->check_lname("help");
    if (app.get_parent() == nullptr && !is_help) global.push_back(o);
    entry.options.push_back(std::move(o));
  }
  const auto subcommands = app.get_subcommands({});
  for (const CLI::App* sub : subcommands) entry.subcommands.push_back(sub->get_name());
  out.push_back(entry);
  for (const CLI::App* sub : subcommands) Collect(*sub, entry.path + " ", global, out);
}

std::string JoinNames(const CommandEntry& command) {
  std::string words;
  for (const std::string& name : command.subcommands) words += name + " ";
  for (const std::string& choices : command.positional_choices) words += choices + " ";
  for (const OptionEntry& option : command.options) {
    for (const std::string& name : option.names) words += name + " ";
  }
  if (!words.empty()) words.pop_back();
  return words;
}

// Walks the words before the cursor to find the command, then offers values of the option before the cursor,
// or the words of the command, or files.
std::string Bash(const std::vector<CommandEntry>& commands) {
  std::string out =
      "# bash completion for taffrail; load it with: source <(taffrail completion bash)\n"
      "_taffrail() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} path=taffrail i\n"
      "  COMPREPLY=()\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    case \"$path ${COMP_WORDS[i]}\" in\n";
  for (const CommandEntry& command : commands) {
    if (command.name != "taffrail") out += fmt::format("      '{0}') path='{0}' ;;\n", command.path);
  }
  out += "    esac\n  done\n  case \"$path $before\" in\n";
  for (const CommandEntry& command : commands) {
    for (const OptionEntry& option : command.options) {
      if (option.type.empty()) continue;
      std::string patterns;
      for (const std::string& name : option.names) patterns += fmt::format("'{} {}'|", command.path, name);
      patterns.pop_back();
      const std::string reply = IsChoice(option.type)   ? fmt::format("-W '{}'", Words(option.type))
                                : option.type == "DIR"  ? "-d"
                                : option.type == "FILE" ? "-f"
                                                        : "-W ''";
      out += fmt::format("    {}) COMPREPLY=($(compgen {} -- \"$word\")); return ;;\n", patterns, reply);
    }
  }
  out += "  esac\n  case \"$path\" in\n";
  for (const CommandEntry& command : commands) {
    out += fmt::format("    '{}') COMPREPLY=($(compgen -W '{}' -- \"$word\")) ;;\n", command.path,
                       JoinNames(command));
  }
  out +=
      "  esac\n"
      "  if [[ ${#COMPREPLY[@]} -eq 0 ]]; then COMPREPLY=($(compgen -f -- \"$word\")); fi\n"
      "}\n"
      "complete -o filenames -F _taffrail taffrail\n";
  return out;
}

// Inside single quotes, for zsh and fish: ' ends the quotes.
std::string Quoted(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return "'" + out + "'";
}

std::string Fish(const std::vector<CommandEntry>& commands) {
  std::string out = "# fish completion for taffrail; load it with: taffrail completion fish | source\n";
  for (const CommandEntry& command : commands) {
    std::string condition = "__fish_use_subcommand";
    if (command.name != "taffrail") {
      condition = "__fish_seen_subcommand_from " + command.name;
    }
    const std::string head = fmt::format("complete -c taffrail -n {}", Quoted(condition));
    for (const CommandEntry& sub : commands) {
      if (sub.path == command.path + " " + sub.name) {
        out += fmt::format("{} -f -a {} -d {}\n", head, sub.name, Quoted(sub.description));
      }
    }
    for (const std::string& choices : command.positional_choices) {
      out += fmt::format("{} -f -a {}\n", head, Quoted(choices));
    }
    for (const OptionEntry& option : command.options) {
      std::string names;
      for (const std::string& name : option.names) {
        names += name.compare(0, 2, "--") == 0 ? " -l " + name.substr(2) : " -s " + name.substr(1);
      }
      std::string value;
      if (IsChoice(option.type)) {
        value = " -x -a " + Quoted(Words(option.type));
      } else if (!option.type.empty()) {
        value = " -r";
      }
      out += fmt::format("{}{}{} -d {}\n", head, names, value, Quoted(option.description));
    }
  }
  return out;
}

// zsh runs bash completions; compdef and friends then cost nothing to keep in step.
std::string Zsh(const std::vector<CommandEntry>& commands) {
  return "#compdef taffrail\n"
         "# zsh completion for taffrail; load it with: source <(taffrail completion zsh)\n"
         "autoload -Uz bashcompinit && bashcompinit\n" +
         Bash(commands);
}

}  // namespace

void AddCompletion(Command app, Program& program) {
  auto shell = std::make_shared<std::string>();
  const Command command =
      AddCommand(app, program,
                 {"Help", "completion", "Print a completion script for a shell",
                  "  source <(taffrail completion bash)\n"
                  "  taffrail completion fish > ~/.config/fish/completions/taffrail.fish"},
                 [shell, app]() -> absl::StatusOr<ExitCode> {
                   std::vector<CommandEntry> commands;
                   Collect(app.app(), "", {}, commands);
                   fmt::print("{}", *shell == "bash"  ? Bash(commands)
                                    : *shell == "zsh" ? Zsh(commands)
                                                      : Fish(commands));
                   return ExitCode::kDone;
                 });
  command.AddChoice("SHELL", *shell, {"bash", "zsh", "fish"}, "Whose completion").Required();
}

}  // namespace taffrail::cmd
