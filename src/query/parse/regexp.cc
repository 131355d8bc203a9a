#include "query/parse/regexp.h"

#include <re2/re2.h>

#include <vector>

#include "fmt/format.h"
#include "query/parse/json.h"

namespace taffrail::query::parse {
namespace {

class NamedGroups final : public Regexp {
 public:
  explicit NamedGroups(const std::string& pattern) : regex_(pattern, Options()) {}

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
