#include "cmd/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <utility>

namespace taffrail::cmd {

Option Option::Type(const std::string& name) const { return Option(option_->type_name(name)); }
Option Option::Group(const std::string& heading) const { return Option(option_->group(heading)); }
Option Option::Describe(const std::string& description) const {
  return Option(option_->description(description));
}
Option Option::Required() const { return Option(option_->required()); }
Option Option::Excludes(Option other) const { return Option(option_->excludes(other.option_)); }
Option Option::Needs(Option other) const { return Option(option_->needs(other.option_)); }
// No description of a check: the type name and the text say it already.
Option Option::Within(int64_t least, int64_t most) const {
  return Option(option_->check(CLI::Range(least, most).description("")));
}
Option Option::Within(double least, double most) const {
  return Option(option_->check(CLI::Range(least, most).description("")));
}
Option Option::Separator(char separator) const { return Option(option_->delimiter(separator)); }
Option Option::OneWordEach() const { return Option(option_->allow_extra_args(false)); }

Option Command::Add(const std::string& name, std::string& value, const std::string& description) const {
  return Option(app_->add_option(name, value, description));
}
Option Command::Add(const std::string& name, std::vector<std::string>& value,
                    const std::string& description) const {
  return Option(app_->add_option(name, value, description));
}
Option Command::Add(const std::string& name, int& value, const std::string& description) const {
  return Option(app_->add_option(name, value, description));
}
Option Command::Add(const std::string& name, uint64_t& value, const std::string& description) const {
  return Option(app_->add_option(name, value, description));
}
Option Command::Add(const std::string& name, double& value, const std::string& description) const {
  return Option(app_->add_option(name, value, description));
}
Option Command::Add(const std::string& name, std::optional<uint64_t>& value,
                    const std::string& description) const {
  return Option(app_->add_option(name, value, description));
}
Option Command::Add(const std::string& name, std::function<void(uint64_t)> take,
                    const std::string& description) const {
  return Option(app_->add_option_function<uint64_t>(
      name, [take = std::move(take)](const uint64_t& value) { take(value); }, description));
}
Option Command::AddFlag(const std::string& name, bool& value, const std::string& description) const {
  return Option(app_->add_flag(name, value, description));
}
Option Command::AddChoice(const std::string& name, std::string& value,
                          const std::vector<std::string>& choices, const std::string& description) const {
  return Option(app_->add_option(name, value, description)
                    ->check(CLI::IsMember(choices).description(""))
                    ->type_name(fmt::format("{}", fmt::join(choices, std::string(1, kChoiceSeparator)))));
}

Option Command::AddFormat(std::string& format) const {
  return AddChoice("--format", format, {"table", "json"}, "How to print it (default: table)");
}

Option Command::At(const std::string& name) const { return Option(app_->get_option(name)); }
void Command::RequireSubcommand() const { app_->require_subcommand(1); }
void Command::OnAlone(std::function<void()> take) const {
  app_->callback([app = app_, take = std::move(take)] {
    if (app->get_subcommands().empty()) take();
  });
}

}  // namespace taffrail::cmd
