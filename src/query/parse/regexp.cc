#include "query/parse/regexp.h"

#include <re2/re2.h>

#include <vector>

#include "fmt/format.h"
#include "query/parse/json.h"

namespace taffrail::query::parse {
namespace {

// (?<name>…) as (?P<name>…), which RE2 knew first; Go takes both. (?<= and (?<! are none of either.
std::string WithPNames(std::string_view pattern) {
  std::string out;
  bool in_class = false;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const std::string_view rest = pattern.substr(i);
    if (rest[0] == '\\' && rest.size() > 1) {
      out += rest.substr(0, 2);
      ++i;
      continue;
    }
    if (rest[0] == '[') in_class = true;
    if (rest[0] == ']') in_class = false;
    const bool names =
        !in_class && rest.starts_with("(?<") && rest.size() > 3 && rest[3] != '=' && rest[3] != '!';
    out += names ? "(?P" : rest.substr(0, 1);
    if (names) ++i;
  }
  return out;
}

class NamedGroups final : public Regexp {
 public:
  explicit NamedGroups(const std::string& pattern) : regex_(WithPNames(pattern), Options()) {}

  absl::Status Check() {
    if (!regex_.ok())
      return absl::InvalidArgumentError(fmt::format("bad regular expression: {}", regex_.error()));
    for (const auto& [number, name] : regex_.CapturingGroupNames()) {
      if (!IsLabelName(name))
        return absl::InvalidArgumentError(fmt::format("invalid extracted label name '{}'", name));
    }
    if (regex_.CapturingGroupNames().empty()) {
      return absl::InvalidArgumentError("at least one named capture must be supplied: (?P<name>…)");
    }
    return absl::OkStatus();
  }

  void Match(std::string_view line, FieldSink& sink) const override {
    const re2::StringPiece text(line.data(), line.size());
    std::vector<re2::StringPiece> groups(static_cast<size_t>(regex_.NumberOfCapturingGroups()) + 1);
    if (!regex_.Match(text, 0, line.size(), RE2::UNANCHORED, groups.data(), static_cast<int>(groups.size())))
      return;
    for (const auto& [number, name] : regex_.CapturingGroupNames()) {
      const re2::StringPiece& group = groups[static_cast<size_t>(number)];
      sink.Add(name, std::string_view(group.data(), group.size()), FieldType::kText);
    }
  }

 private:
  static RE2::Options Options() {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(8 << 20);  // as for every other pattern here (expr/matcher.h)
    return options;
  }
  RE2 regex_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Regexp>> Regexp::Compile(const std::string& pattern) {
  auto groups = std::make_unique<NamedGroups>(pattern);
  TAFFRAIL_RETURN_IF_ERROR(groups->Check());
  return groups;
}

}  // namespace taffrail::query::parse
