// Rules are data: the table that rules/tokens.yaml became, and those of a user.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace taffrail::redact {

struct Rule {
  std::string_view id;
  std::string_view vendor;
  std::string_view pattern;       // pattern.h
  std::string_view context = {};  // what must stand before it
  bool digit = false;             // a digit beside the prefix, or it is a word
  bool whole = false;             // nothing of it may be seen
  std::string_view catches;       // a case for tests and `redact explain`: {class:n} stands for n characters
};

// rules/tokens.yaml, compiled in.
std::span<const Rule> BuiltinRules();

// A text, classes as above, of which a rule must find something, or nothing.
struct RuleCase {
  std::string text;
  bool catches = true;
};

// Of a user, from a configuration.
struct UserRule {
  std::string id;
  std::string pattern;
  std::string context;
  bool whole = false;
  std::vector<RuleCase> cases;  // rule_cases.h
};
// Each may cost up to kGramsMax entries of the prefilter, and is tried wherever one of them stands.
inline constexpr size_t kUserRulesMax = 256;

// A case with its classes filled in, always the same. Braces around anything else stay.
std::string ExpandCase(std::string_view text);

}  // namespace taffrail::redact
