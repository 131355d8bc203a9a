// A subcommand and its options, as those who define them see them.
//
// CLI11 does the parsing. It is a library of headers whose templates cost a compiler several seconds in each
// source that names them, so only command_line.cc, program.cc, help.cc and completion.cc do; the forty
// sources of subcommands have these two handles. Both are pointers, copied freely, valid while the program's
// command line is.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace taffrail::cmd {

// An option, a flag or a positional: what is known of its value, and how the help shows it. Each setter gives
// the option back, so that they chain.
class Option {
 public:
  explicit Option(CLI::Option* option) : option_(option) {}

  Option Type(const std::string& name) const;      // what stands behind it in the help: "FILE"
  Option Group(const std::string& heading) const;  // under which the help lists it
  Option Describe(const std::string& description) const;
  Option Required() const;
  Option Excludes(Option other) const;
  Option Needs(Option other) const;
  Option Within(int64_t least, int64_t most) const;
  Option Within(double least, double most) const;
  Option Separator(char separator) const;  // between the values of a list
  Option OneWordEach() const;              // a list takes one word each time it is given, not all that follow

 private:
  CLI::Option* option_;
};

class Command {
 public:
  explicit Command(CLI::App* app) : app_(app) {}

  // `name` is "--long", "-s,--long" or, for a positional, "NAME". `value` must outlive the parsing; it keeps
  // what it has where the option is not given. A list's option takes every word up to the next option.
  Option Add(const std::string& name, std::string& value, const std::string& description) const;
  Option Add(const std::string& name, std::vector<std::string>& value, const std::string& description) const;
  Option Add(const std::string& name, int& value, const std::string& description) const;
  Option Add(const std::string& name, uint64_t& value, const std::string& description) const;
  Option Add(const std::string& name, double& value, const std::string& description) const;
  Option Add(const std::string& name, std::optional<uint64_t>& value, const std::string& description) const;
  // For what is to be known beside the value.
  Option Add(const std::string& name, std::function<void(uint64_t)> take,
             const std::string& description) const;
  Option AddFlag(const std::string& name, bool& value, const std::string& description) const;
  // One of a fixed set of values, which help and completion show.
  Option AddChoice(const std::string& name, std::string& value, const std::vector<std::string>& choices,
                   const std::string& description) const;

  Option AddFormat(std::string& format) const;  // --format: a table or JSON

  Option At(const std::string& name) const;  // an option that was added before
  // One of its subcommands must be given.
  void RequireSubcommand() const;
  // Called once the line is parsed, when this command was named but none of its subcommands.
  void OnAlone(std::function<void()> take) const;

  CLI::App& app() const { return *app_; }

 private:
  CLI::App* app_;
};

// Separates a type name's choices, "raw|json": what AddChoice writes, help prints and completion reads.
inline constexpr char kChoiceSeparator = '|';

}  // namespace taffrail::cmd
