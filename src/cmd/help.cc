#include "cmd/help.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <vector>

#include "base/nearest.h"
#include "cmd/printable.h"

namespace taffrail::cmd {
namespace {

struct Entry {
  std::string name;
  std::string text;
};
struct Section {
  std::string title;
  std::vector<Entry> entries;
};

std::vector<Entry>& EntriesOf(std::vector<Section>& sections, const std::string& title) {
  const auto found =
      std::find_if(sections.begin(), sections.end(), [&](const Section& s) { return s.title == title; });
  if (found != sections.end()) return found->entries;
  return sections.emplace_back(Section{title, {}}).entries;
}

// "QUERY", or what its type says where one name would not do: "QUERY [FILE...]".
std::string PositionalName(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  return type.find(' ') == std::string::npos ? option.get_name(true) : type;
}

std::string OptionName(const CLI::Option& option) {
  if (option.get_positional()) return PositionalName(option);
  std::string name;
  for (const std::string& short_name : option.get_snames()) name += "-" + short_name + ", ";
  for (const std::string& long_name : option.get_lnames()) name += "--" + long_name + ", ";
  name.resize(name.size() - 2);
  if (name.compare(0, 2, "--") == 0) name.insert(0, "    ");  // long names stand below each other
  const std::string type = option.get_type_name();
  return type.empty() ? name : name + " " + type;
}

// "Usage: taffrail search [OPTIONS] QUERY [FILE...]"
std::string Usage(const CLI::App& app) {
  std::string path = app.get_name();
  for (const CLI::App* parent = app.get_parent(); parent != nullptr; parent = parent->get_parent()) {
    path = parent->get_name() + " " + path;
  }
  std::string usage = path;
  if (!app.get_subcommands({}).empty()) usage += " COMMAND";
  usage += " [OPTIONS]";
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_positional()) continue;
    std::string name = PositionalName(*option);
    if (option->get_items_expected_max() > 1 && name.back() != ']') name += "...";
    usage += option->get_required() ? " " + name : " [" + name + "]";
  }
  return usage;
}

void AppendWrapped(std::string_view text, size_t indent, size_t width, std::string& out) {
  size_t column = indent;
  bool first = true;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const size_t size = DisplayWidth(word);
    if (!first && column + 1 + size > width) {
      out += '\n';
      out.append(indent, ' ');
      column = indent;
      first = true;
    }
    if (!first) out += ' ';
    out += word;
    column += size + (first ? 0 : 1);
    first = false;
  }
  out += '\n';
}

void AppendSections(const std::vector<Section>& sections, const Painter& painter, size_t width,
                    std::string& out) {
  constexpr size_t kNameMax = 28;  // a longer name gets a line of its own
  size_t name_columns = 0;
  for (const Section& section : sections) {
    for (const Entry& entry : section.entries) {
      const size_t size = DisplayWidth(entry.name);
      if (size <= kNameMax) name_columns = std::max(name_columns, size);
    }
  }
  const size_t indent = 2 + name_columns + 2;
  for (const Section& section : sections) {
    out += '\n' + painter(Style::kBold, section.title) + '\n';
    for (const Entry& entry : section.entries) {
      out += "  ";
      painter.Append(Style::kService, entry.name, out);
      const size_t used = 2 + DisplayWidth(entry.name);
      if (used + 2 > indent) {
        out += '\n';
        out.append(indent, ' ');
      } else {
        out.append(indent - used, ' ');
      }
      AppendWrapped(entry.text, indent, std::max(width, indent + 20), out);
    }
  }
}

}  // namespace

std::string RenderHelp(const CLI::App& app, const Painter& painter, size_t width) {
  constexpr size_t kReadable = 100;  // longer lines are hard to read however wide the terminal is
  width = std::min(width, kReadable);
  std::string out;
  AppendWrapped(app.get_description(), 0, width, out);
  out += '\n' + painter(Style::kBold, "Usage") + "  " + Usage(app) + '\n';

  std::vector<Section> sections;
  for (const CLI::App* command : app.get_subcommands({})) {
    EntriesOf(sections, command->get_group()).push_back({command->get_name(), command->get_description()});
  }
  const CLI::App* root = &app;
  while (root->get_parent() != nullptr) root = root->get_parent();
  std::vector<Entry> everywhere;  // stands last
  for (const CLI::App* of : app.get_parent() == nullptr ? std::vector{&app} : std::vector{&app, root}) {
    for (const CLI::Option* option : of->get_options()) {
      const Entry entry{OptionName(*option), option->get_description()};
      if (option->get_group() != "Everywhere") {
        EntriesOf(sections, option->get_group()).push_back(entry);
      } else if (of == &app || !option->check_lname("help")) {  // a command has its own --help
        everywhere.push_back(entry);
      }
    }
  }
  sections.push_back({"Everywhere", everywhere});
  AppendSections(sections, painter, width, out);
  if (!app.get_footer().empty())
    out += '\n' + painter(Style::kBold, "Examples") + '\n' + app.get_footer() + '\n';
  return out;
}

std::string NearestCommand(const CLI::App& app, std::string_view word) {
  const std::vector<const CLI::App*> commands = app.get_subcommands({});
  std::vector<std::string_view> names(commands.size());
  std::ranges::transform(commands, names.begin(),
                         [](const CLI::App* command) { return std::string_view(command->get_name()); });
  return std::string(base::Nearest(word, names));
}

}  // namespace taffrail::cmd
