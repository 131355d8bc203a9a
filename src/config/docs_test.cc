// docs/configuration.md says of every key and variable what the tables say, and of no other.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "config/explain.h"
#include "config/read_value.h"
#include "config/settings.h"
#include "config/show_value.h"
#include "log/environment.h"

namespace taffrail::config {
namespace {

using testing::IsEmpty;

std::string ReadText(const std::string& path) {
  std::ifstream file(TAFFRAIL_SOURCE_DIR "/" + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string Row(std::initializer_list<std::string> cells) {
  std::string row;
  for (const std::string& cell : cells) row += "| " + cell + " ";
  return row + "|";
}

std::string Code(std::string_view text) { return fmt::format("`{}`", text); }

void AddRows(std::span<const Field> fields, const void* fresh, const std::string& prefix,
             std::set<const RecordType*>& seen, std::vector<std::string>& rows) {
  for (const Field& field : fields) {
    const std::string name = prefix + std::string(field.name);
    std::string help(field.help);
    if (!field.types.empty()) help += fmt::format(" (type: {})", field.types);
    const bool has_default = field.kind != Kind::kRecords && !field.is_required;
    rows.push_back(Row({Code(name), Wanted(field) + (field.is_required ? ", required" : ""),
                        has_default ? Code(ShowValue(field, fresh, false)) : "", help}));
    if (field.kind == Kind::kRecords && seen.insert(field.records()).second) {
      const RecordType& record = *field.records();
      AddRows(record.fields, record.make().get(), name + "[].", seen, rows);
    }
  }
}

std::vector<std::string> KeyRows() {
  const Settings defaults;
  std::vector<std::string> rows;
  std::set<const RecordType*> seen;
  AddRows(SettingsFields(), &defaults, "", seen, rows);
  return rows;
}

std::vector<std::string> VariableRows() {
  std::vector<std::string> rows;
  for (const log::EnvVariable& variable : log::EnvVariables()) {
    std::string keys;
    std::istringstream words{std::string(variable.key)};
    for (std::string key; words >> key;) keys += (keys.empty() ? "" : ", ") + Code(key);
    rows.push_back(Row({Code(variable.name), std::string(variable.wanted), keys}));
  }
  return rows;
}

// REQ L-13
TEST(Docs, TheReferenceHasEveryKeyAndVariableAndNoOther) {
  const std::string text = ReadText("docs/configuration.md");
  std::set<std::string> wanted;
  const auto keys = KeyRows(), variables = VariableRows();
  for (const auto& rows : {keys, variables}) wanted.insert(rows.begin(), rows.end());
  std::set<std::string> missing = wanted, unknown;
  std::istringstream lines(text);
  bool counts = false;  // between the marks are the rows of the tables
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("<!-- keys")) counts = true;
    if (line.starts_with("<!-- end")) counts = false;
    if (!counts || !line.starts_with("| `")) continue;
    missing.erase(line);
    if (!wanted.contains(line)) unknown.insert(line);
  }
  EXPECT_THAT(unknown, IsEmpty());
  EXPECT_THAT(missing, IsEmpty()) << "ROWS\n"
                                  << fmt::format("{}\n\n{}", fmt::join(keys, "\n"),
                                                 fmt::join(variables, "\n"));
}

// Every variable sets keys that there are.
TEST(Docs, VariablesAndKeysAgree) {
  for (const log::EnvVariable& variable : log::EnvVariables()) {
    std::istringstream words{std::string(variable.key)};
    for (std::string key; words >> key;) {
      EXPECT_NE(std::ranges::find(SettingsFields(), key, &Field::name), SettingsFields().end())
          << variable.name << " " << key;
    }
  }
}

TEST(Docs, TheSchemaIsTheOneInTheTree) {
  EXPECT_EQ(ReadText("docs/configuration.schema.json"), JsonSchema())
      << "write it anew: taffrail config schema > docs/configuration.schema.json";
}

class Starter : public testing::TestWithParam<const char*> {};

TEST_P(Starter, PassesAsItIsAndWithEverythingInIt) {
  const std::string text = StarterFile(GetParam());
  const auto load = [](const std::string& yaml) {
    Problems problems("starter");
    const Loaded loaded = Load(
        yaml, [](const char*) -> const char* { return nullptr; }, problems);
    const ConfigResult result{{}, problems.Take()};
    EXPECT_TRUE(result.ok()) << result.text() << yaml;
    return loaded;
  };
  const Loaded plain = load(text);
  EXPECT_EQ(plain.settings.preset, GetParam());

  std::string uncommented;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    // Prose has a space behind the mark; keys of a section have two.
    const bool is_key =
        line.starts_with('#') && line.size() > 1 && (line[1] != ' ' || line.starts_with("#  "));
    uncommented += (is_key ? line.substr(1) : line) + '\n';
  }
  const Loaded full = load(uncommented);
  EXPECT_EQ(full.origins.size(), SettingsFields().size());  // every key is in it
  for (const char* const key : {"queue.bytes", "level", "features.slow_request_threshold"}) {
    const auto field = std::ranges::find(SettingsFields(), key, &Field::name);
    EXPECT_EQ(ShowValue(*field, &full.settings, false), ShowValue(*field, &plain.settings, false));
  }
}

INSTANTIATE_TEST_SUITE_P(Presets, Starter, testing::Values("development", "staging", "production"));

}  // namespace
}  // namespace taffrail::config
