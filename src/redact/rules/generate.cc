// Makes the table of redact/rule.h of tokens.yaml: generate tokens.yaml table.cc. Runs on the building
// machine.
#include <yaml-cpp/yaml.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <set>
#include <string>

namespace taffrail::redact {
namespace {

std::string Literal(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '?') out += '\\';  // no trigraphs
    out += c;
  }
  return out + "\"";
}

std::string Text(const YAML::Node& rule, const char* key, bool needed = true) {
  if (rule[key]) return rule[key].as<std::string>();
  if (needed)
    throw std::runtime_error("line " + std::to_string(rule.Mark().line + 1) + ": a rule needs " + key);
  return {};
}

void Write(const YAML::Node& rules, std::ostream& out) {
  out << "// Made of src/redact/rules/tokens.yaml by rules/generate.cc.\n#include \"redact/rule.h\"\n\n"
         "namespace taffrail::redact {\nnamespace {\n\nconstexpr Rule kRules[] = {\n";
  std::set<std::string> ids;
  for (const auto& rule : rules) {
    const std::string id = Text(rule, "id");
    if (!ids.insert(id).second) throw std::runtime_error("two rules are called " + id);
    for (const auto& entry : rule) {
      const auto key = entry.first.as<std::string>();
      const std::set<std::string> known = {"id", "vendor", "pattern", "context", "require", "mask", "catch"};
      if (!known.contains(key)) throw std::runtime_error(id + ": there is no " + key);
    }
    out << "    {.id = " << Literal(id) << ", .vendor = " << Literal(Text(rule, "vendor"))
        << ",\n     .pattern = " << Literal(Text(rule, "pattern"))
        << ",\n     .context = " << Literal(Text(rule, "context", false))
        << ",\n     .digit = " << (Text(rule, "require", false) == "digit" ? "true" : "false")
        << ", .whole = " << (Text(rule, "mask", false) == "whole" ? "true" : "false")
        << ",\n     .catches = " << Literal(Text(rule, "catch")) << "},\n";
  }
  out << "};\n\n}  // namespace\n\nstd::span<const Rule> BuiltinRules() { return kRules; }\n\n"
         "}  // namespace taffrail::redact\n";
}

}  // namespace
}  // namespace taffrail::redact

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  try {
    std::ofstream out(argv[2]);
    taffrail::redact::Write(YAML::LoadFile(argv[1])["rules"], out);
    return out.flush() ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << argv[1] << ": " << error.what() << "\n";
    return 1;
  }
}
